#include "trainer/algorithms/random_cut_forest/training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stop_token>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/recordio_protobuf.h"
#include "core/json/json.h"
#include "trainer/algorithms/random_cut_forest/algorithm.h"
#include "trainer/algorithms/random_cut_forest/forest_file.h"
#include "trainer/algorithms/random_cut_forest/scoring.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::random_cut_forest {
namespace {

const TabularJobs jobs{.algorithm = algorithm,
                       .train = [](Job& job) { algorithm().train_alone(job); },
                       .test_channel = {.name = "test", .content_type = "text/csv;label_size=1"}};

const ChannelConfig& kCsvTest = jobs.test_channel;
const Settings kSmall{{"feature_dim", "2"}, {"num_trees", "50"}, {"num_samples_per_tree", "20"}};

/// Row i: on the unit circle, save for every 100th, which is far out.
std::vector<float> values(int i) {
  const double radius = i % 100 == 50 ? 20 + i % 7 : 1;
  const double angle = i * 0.7;
  return {static_cast<float>(radius * std::cos(angle)),
          static_cast<float>(radius * std::sin(angle))};
}

std::string lines(int begin, int end, bool labels = false) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    if (labels) text += i % 100 == 50 ? "1," : "0,";
    text += number_text(static_cast<double>(values(i)[0])) + "," +
            number_text(static_cast<double>(values(i)[1])) + "\n";
  }
  return text;
}

std::string protobuf(int begin, int end, bool sparse) {
  std::vector<Row> rows;
  for (int i = begin; i < end; ++i) {
    Row row{.sparse = sparse, .columns = 2};
    if (sparse) row.indices = {0, 1};
    row.values = values(i);
    rows.push_back(std::move(row));
  }
  return recordio_protobuf(rows);
}

std::string model_bytes(const JobFolder& folder) {
  return read_file(folder.paths().model() / kModelFile);
}

TEST(Training, FindsTheRowsThatAreUnlikeTheOthers) {
  JobFolder folder(with(kSmall, {{"num_samples_per_tree", "60"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 2000)}, {"b.csv", lines(2000, 3000)}});
  folder.add_channel(kCsvTest, {{"a.csv", lines(3000, 6000, true)}});
  const std::string log = jobs.logged(folder);
  const auto score = [&](const std::string& name) {
    return figure(log, "#quality_metric: host=algo-1, test " + name + " <score>=");
  };
  EXPECT_EQ(score("f1"), 1) << log;
  EXPECT_EQ(score("accuracy"), 1);
  EXPECT_EQ(score("precision"), 1);
  EXPECT_EQ(score("recall"), 1);
  EXPECT_NE(log.find("#test_score (algo-1) : ('accuracy', 1)"), std::string::npos);
  EXPECT_NE(log.find("#test_score (algo-1) : ('precision_recall_fscore', (1, 1, 1))"),
            std::string::npos);
}

TEST(Training, LogsWhatTheOriginalLogs) {
  JobFolder folder(kSmall);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1500)}});
  const std::string log = jobs.logged(folder);
  expect_contains(
      log, {"Sampling training data...", "#progress_metric: host=algo-1, completed 100 %",
            "#throughput_metric: host=algo-1, train throughput=", "1000 samples gathered",
            "ForestInfo{num_trees: 50, num_samples_in_forest: 1000, num_samples_per_tree: 20, ",
            R"("Algorithm":"RandomCutForest")",
            R"("Number of Records Since Last Reset":{"count":1,"max":1500)",
            "Test data is not provided."});
}

TEST(Training, PublishedPatternsFindTheirFiguresAndOnlyThoseAskedFor) {
  for (const bool accuracy_only : {false, true}) {
    JobFolder folder(
        with(kSmall, accuracy_only ? Settings{{"eval_metrics", R"(["accuracy"])"}} : Settings{}));
    folder.add_channel(kCsvTrain, {{"a", lines(0, 1500)}});
    folder.add_channel(kCsvTest, {{"a", lines(0, 500, true)}});
    const std::string log = jobs.logged(folder);
    for (const MetricSpec& metric : algorithm().metrics) {
      const bool asked =
          !accuracy_only || !metric.name.starts_with("test:") || metric.name == "test:accuracy";
      EXPECT_EQ(finds_a_figure(metric, log), asked) << metric.name;
    }
  }
}

TEST(Training, FilesAFifoAndProtobufGiveTheSameModel) {
  JobFolder files(kSmall), pipe(kSmall), records(kSmall), sparse(kSmall);
  const std::string text = lines(0, 2500);
  files.add_channel(kCsvTrain, two_files(text, 9000));
  pipe.add_channel(kPipedCsvTrain, {});
  records.add_channel({.name = "train"}, {{"a.pbr", protobuf(0, 2500, false)}});
  sparse.add_channel({.name = "train"}, {{"a.pbr", protobuf(0, 2500, true)}});
  const ServedFifos fifos(pipe.paths(), "train", {text});
  for (const JobFolder* folder : {&files, &pipe, &records, &sparse}) jobs.run(*folder);
  for (const JobFolder* folder : {&pipe, &records, &sparse})
    EXPECT_TRUE(model_bytes(*folder) == model_bytes(files));
}

TEST(Training, SettingsAreHonoured) {
  const auto forest = [](const Settings& changes) {
    JobFolder folder(with(kSmall, changes));
    folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1500)}});
    jobs.run(folder);
    return load_model(folder.paths().model());
  };
  const Forest plain = forest({});
  EXPECT_EQ(plain.trees.size(), 50U);
  EXPECT_EQ(plain.trees[7].mass(), 20);
  EXPECT_EQ(plain, forest({{"mini_batch_size", "1000"}, {"_kvstore", "dist"}}));
  EXPECT_EQ(forest({{"num_trees", "60"}}).trees.size(), 60U);
  EXPECT_EQ(forest({{"num_samples_per_tree", "7"}}).trees[59 - 10].mass(), 7);
  EXPECT_NE(forest({{"seed", "1"}}), plain);
  EXPECT_NE(forest({{"partition", "shuffled"}}), plain);
}

TEST(Training, FewerRowsThanAskedForMakeSmallerTreesAndAWarning) {
  JobFolder folder(kSmall);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 432)}});
  const std::string log = jobs.logged(folder);
  EXPECT_NE(log.find("channel 'train' has 432 rows, fewer than num_trees x num_samples_per_tree: "
                     "each tree is grown from 8 instead of 20. Lower num_trees"),
            std::string::npos)
      << log;
  EXPECT_EQ(load_model(folder.paths().model()).trees[49].mass(), 8);
}

TEST(Training, ConstantColumnsZerosAndEqualRowsAreTrainedOn) {
  std::string rows;
  for (int i = 0; i < 400; ++i) rows += i % 3 == 0 ? "0,0\n" : "7,7\n";
  JobFolder two(kSmall);
  two.add_channel(kCsvTrain, {{"a.csv", rows}});
  jobs.run(two);
  EXPECT_EQ(load_model(two.paths().model()).trees[0].leaves(), 2U);
  std::string equal;
  for (int i = 0; i < 60; ++i) equal += "5,5\n";
  JobFolder folder(kSmall);
  folder.add_channel(kCsvTrain, {{"a.csv", equal}});
  jobs.run(folder);
  EXPECT_EQ(load_model(folder.paths().model()).trees[0].nodes(), 1U);
}

TEST(Training, AStopLeavesTheForestOfTheRowsReadByThen) {
  JobFolder folder(kSmall);
  folder.add_channel(kPipedCsvTrain, {});
  std::stop_source stop;
  // Far more than a pipe and the batches read ahead can hold. The end of the stream never comes.
  const ServedFifos unending(folder.paths(), "train", {lines(0, 100'000)},
                             [&] { stop.request_stop(); });
  jobs.run(folder, stop.get_token());
  const Forest forest = load_model(folder.paths().model());
  EXPECT_EQ(forest.trees.size(), 50U);
  EXPECT_EQ(forest.trees[49].mass(), 20);
}

TEST(Training, AStopBeforeTheFirstRowLeavesTheForestOfTheFirstRows) {
  JobFolder folder(kSmall);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 30)}});
  std::stop_source stop;
  stop.request_stop();
  jobs.run(folder, stop.get_token());
  const Forest forest = load_model(folder.paths().model());
  EXPECT_EQ(forest.features, 2);
  EXPECT_GE(forest.trees.size(), 30U);
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const std::string good = lines(0, 1000);
  const auto refusal_as = [&](const std::string& type) {
    TabularJobs others = jobs;
    others.train_channel.content_type = type;
    return others.refusal(kSmall, {{"a.csv", good}});
  };
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good}, {"b.csv", "1,x\n"}}),
                  {"channel 'train', b.csv, line 1, column 2: got \"x\""});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good + "1,\n"}}), {"a.csv, line 1001, column 2"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good + "1,2,3\n"}}),
                  {"a.csv, line 1001", "3 columns"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good + "1,nan\n"}}),
                  {"a.csv, line 1001, column 2"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good + "inf,1\n"}}),
                  {"a.csv, line 1001, column 1"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", "x,y\n" + good}}), {"a.csv, line 1", "header"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  expect_contains(jobs.refusal(kSmall, {}), {"channel 'train': got \"no files\""});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", "1,2\n"}}),
                  {"channel 'train': got \"1 rows\", expected at least 50, one for each tree"});
  expect_contains(jobs.refusal(with(kSmall, {{"feature_dim", "3"}}), {{"a.csv", good}}),
                  {"hyperparameter 'feature_dim': got \"3\", expected 2"});
  expect_contains(refusal_as("text/csv;label_size=1"),
                  {"channel 'train'", "expected label_size=0"});
  expect_contains(refusal_as("text/libsvm"), {"channel 'train'"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good}}, lines(0, 10)),
                  {"channel 'test': got \"1 features", "expected 2, as channel 'train' has"});
  expect_contains(jobs.refusal(kSmall, {{"a.csv", good}}, lines(0, 10, true) + "2,1,1\n"),
                  {"channel 'test', t.csv, line 11, column 1: got \"label 2\"", "1 of an anomaly"});
}

TEST(Training, RefusesRecordsWithBadNumbersOrKeys) {
  const auto refused = [](const Row& bad) {
    JobFolder folder(kSmall);
    folder.add_channel({.name = "train"},
                       {{"a.pbr", protobuf(0, 100, bad.sparse) + recordio_protobuf({bad})}});
    return jobs.refusal(folder);
  };
  for (const Row& bad :
       {Row{.columns = 2, .values = {1, std::nanf("")}}, Row{.columns = 2, .values = {INFINITY, 1}},
        Row{.columns = 3, .values = {1, 2, 3}},
        Row{.sparse = true, .columns = 2, .indices = {2}, .values = {1}},
        Row{.sparse = true, .columns = 2, .indices = {1, 1}, .values = {1, 1}}}) {
    const std::string text = refused(bad);
    EXPECT_NE(text.find("channel 'train', a.pbr, record 100"), std::string::npos) << text;
  }
}

TEST(Training, SeveralInstancesNeedAShardedTrainAndAReplicatedTestChannel) {
  const auto refused = [](const std::string& train, const std::string& test) {
    JobFolder folder(kSmall);
    ChannelConfig first = kCsvTrain, second = kCsvTest;
    first.distribution = train;
    second.distribution = test;
    folder.add_channel(first, {{"a.csv", lines(0, 100)}});
    folder.add_channel(second, {{"a.csv", lines(0, 100, true)}});
    folder.set_resources({.current_host = "algo-1", .hosts = {"algo-1", "algo-2"}});
    Job job(folder.paths(), {});
    try {
      algorithm().check(job);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refused("ShardedByS3Key", "FullyReplicated"), "accepted");
  EXPECT_NE(refused("FullyReplicated", "FullyReplicated")
                .find("channel 'train': got \"S3DataDistributionType FullyReplicated\", expected "
                      "ShardedByS3Key"),
            std::string::npos);
  EXPECT_NE(refused("ShardedByS3Key", "ShardedByS3Key").find("channel 'test'"), std::string::npos);
}

TEST(Scoring, AnswersEveryFormOfRequestInEveryForm) {
  JobFolder folder(kSmall);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000)}});
  jobs.run(folder);
  const std::unique_ptr<Scorer> scorer = load_scorer(folder.paths().model());
  const auto answer = [&](const std::string& type, const std::string& accept,
                          const std::string& body) {
    MemorySource source(body);
    StringSink sink;
    scorer->answer({.content_type = type, .accept = accept}, source, sink);
    return sink.text();
  };
  const std::string json = answer("text/csv", "", "1,0\n50,50\n");
  const Json parsed = parse_json(json, "answer");
  ASSERT_EQ(parsed["scores"].size(), 2U) << json;
  EXPECT_LT(parsed["scores"][0]["score"].get<double>(), 1.5);
  EXPECT_GT(parsed["scores"][1]["score"].get<double>(), 2.5);
  EXPECT_EQ(answer("application/json", "",
                   R"({"instances":[{"features":[1,0]},{"data":{"features":{"keys":[0,1],)"
                   R"("shape":[2],"values":[50,50]}}}]})"),
            json);
  StringSink records;
  RecordIoProtobufWriter writer(records);
  writer.write({.columns = 2, .values = {1, 0}});
  writer.write({.columns = 2, .values = {50, 50}});
  EXPECT_EQ(answer("application/x-recordio-protobuf", "", records.text()), json);
  const std::string line = answer("text/csv", "application/jsonlines", "1,0\n");
  EXPECT_EQ(line.substr(0, 9), R"({"score":)");
  EXPECT_NEAR(std::stod(line.substr(9)), parsed["scores"][0]["score"].get<double>(), 1e-6);
  EXPECT_NEAR(std::stod(answer("text/csv", "text/csv", "1,0\n")), std::stod(line.substr(9)), 1e-6);
  EXPECT_NE(answer("text/csv", "application/x-recordio-protobuf", "1,0\n").find("score"),
            std::string::npos);
  EXPECT_THROW((void)answer("text/csv", "", "1,2,3\n"), Error);
}

}  // namespace
}  // namespace millrace::random_cut_forest
