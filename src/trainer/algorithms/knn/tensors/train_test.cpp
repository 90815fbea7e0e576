#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/config_reader.h"
#include "core/data/recordio_protobuf.h"
#include "core/io/tar_writer.h"
#include "core/json/json.h"
#include "trainer/algorithms/knn/algorithm.h"
#include "trainer/algorithms/knn/tensors/ivf_index.h"
#include "trainer/algorithms/knn/tensors/model.h"
#include "trainer/algorithms/knn/tensors/scoring.h"
#include "trainer/algorithms/knn/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::knn {
namespace {

const TabularJobs jobs{.algorithm = algorithm, .train = train};

const ChannelConfig kCsvTest{.name = "test", .content_type = "text/csv"};

const Settings kClassifier{{"predictor_type", "classifier"}, {"k", "3"}, {"sample_size", "100000"}};
const Settings kRegressor = with(kClassifier, {{"predictor_type", "regressor"}});

/// Rows [begin, end) of four features, each near one of five centres; the label is the centre's, or
/// of a regressor the first feature.
std::string lines(int begin, int end, bool centre_label = true) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    const int centre = i * 7 % 5;
    std::string features;
    float first = 0;
    for (int j = 0; j < 4; ++j) {
      const float value = static_cast<float>(centre * (j + 1) * 10) +
                          static_cast<float>((i * (31 + 12 * j)) % 97) / 50;
      if (j == 0) first = value;
      features += "," + number_text(static_cast<double>(value));
    }
    text += number_text(centre_label ? static_cast<double>(centre) : static_cast<double>(first)) +
            features + "\n";
  }
  return text;
}

Files model_of(const JobFolder& folder) {
  Files files;
  for (const auto& file : std::filesystem::directory_iterator(folder.paths().model()))
    files[file.path().filename().string()] = read_file(file.path());
  return files;
}

/// Figure of a job that learns rows [0, 600) and is measured on [600, 800).
double measured(const Settings& settings, const std::string& name) {
  const bool labels = settings.at("predictor_type") == "classifier";
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 600, labels)}});
  folder.add_channel(kCsvTest, {{"t.csv", lines(600, 800, labels)}});
  return figure(jobs.logged(folder), "test " + name);
}

std::string answered(const JobFolder& folder, const std::string& body, const std::string& accept) {
  const std::unique_ptr<Scorer> scorer = load_scorer(folder.paths().model());
  MemorySource source(body);
  StringSink sink;
  scorer->answer({.content_type = "text/csv", .accept = accept}, source, sink);
  return sink.text();
}

TEST(Training, TellsCentresApartHoweverTheyAreIndexed) {
  std::vector<Settings> all{
      {},
      {{"index_metric", "COSINE"}, {"k", "1"}},
      {{"dimension_reduction_type", "sign"}, {"dimension_reduction_target", "3"}},
      {{"dimension_reduction_type", "fjlt"}, {"dimension_reduction_target", "3"}}};
  if (has_faiss()) {
    all.push_back({{"index_type", "faiss.IVFFlat"}});
    all.push_back({{"index_type", "faiss.IVFFlat"}, {"faiss_index_ivf_nlists", "9"}});
    all.push_back({{"index_type", "faiss.IVFPQ"}, {"faiss_index_pq_m", "2"}});
    // Eight parts of four features: zeros are added; of a projection, the target is raised.
    all.push_back({{"index_type", "faiss.IVFPQ"}, {"faiss_index_pq_m", "8"}});
    all.push_back({{"index_type", "faiss.IVFPQ"},
                   {"faiss_index_pq_m", "2"},
                   {"dimension_reduction_type", "sign"},
                   {"dimension_reduction_target", "3"}});
  }
  for (const Settings& settings : all) {
    const bool cosine = settings.contains("index_metric");
    // Four of the five centres lie in one direction, so that angles tell less than distances.
    EXPECT_GT(measured(with(kClassifier, settings), "accuracy <score>="), cosine ? 0.4 : 0.97)
        << to_text(Json(settings));
  }
}

TEST(Training, ARegressorsErrorIsSmall) {
  EXPECT_LT(measured(kRegressor, "mse <loss>="), 0.1);
}

/// sample_size rows are kept, drawn at random; all where there are fewer.
TEST(Training, TheModelIsASample) {
  JobFolder all(kClassifier), some(with(kClassifier, {{"sample_size", "50"}})),
      other(with(kClassifier, {{"sample_size", "50"}, {"seed", "1"}}));
  for (JobFolder* folder : {&all, &some, &other}) {
    folder->add_channel(kCsvTrain, {{"a.csv", lines(0, 300)}});
    jobs.run(*folder);
  }
  EXPECT_EQ(model_of(all).at("model_algo-1.labels").size(), 300 * sizeof(float));
  EXPECT_EQ(model_of(some).at("model_algo-1.labels").size(), 50 * sizeof(float));
  EXPECT_EQ(model_of(some).at("model_algo-1").substr(0, 4), "IxF2");
  EXPECT_NE(model_of(some).at("model_algo-1"), model_of(other).at("model_algo-1"));
}

TEST(Training, MetadataAreThePublishedOnes) {
  JobFolder folder(with(kClassifier, {{"index_metric", "COSINE"},
                                      {"seed", "3"},
                                      {"dimension_reduction_type", "sign"},
                                      {"dimension_reduction_target", "2"}}));
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 30)}});
  jobs.run(folder);
  EXPECT_EQ(model_of(folder).at("model_algo-1.json"),
            R"({"k":3,"predictor_type":"classifier","dimension_reduction":{"type":"sign","seed":3,)"
            R"("target_dim":2,"input_dim":4},"normalize":true,"feature_dim":4,"version":"1.0"})");
  EXPECT_EQ(model_of(folder).at("model_algo-1").substr(0, 4), "IxFI");
}

/// Labels 0, 0, 3, 3 and 9 at the places 0, 1, 2, 4 and 8.
const char* const kFive = "0,0\n0,1\n3,2\n3,4\n9,8\n";

TEST(Scoring, AnswersAsDocumentedAndVerboseWithTheNeighbours) {
  JobFolder folder(kClassifier);
  folder.add_channel(kCsvTrain, {{"a.csv", kFive}});
  jobs.run(folder);
  EXPECT_EQ(answered(folder, "0\n4\n", ""),
            R"({"predictions":[{"predicted_label":0.0},{"predicted_label":3.0}]})");
  EXPECT_EQ(answered(folder, "0\n", "application/json; verbose=true"),
            R"({"predictions":[{"predicted_label":0.0,"distances":[0.0,1.0,4.0],)"
            R"("labels":[0.0,0.0,3.0]}]})");
  EXPECT_EQ(answered(folder, "4\n", "application/jsonlines"), "{\"predicted_label\":3.0}\n");
  EXPECT_EQ(answered(folder, "4\n", "text/csv"), "3.0\n");
}

/// Without training anew, as the documentation promises.
TEST(Scoring, FollowsAnEditOfTheMetadata) {
  JobFolder folder(kClassifier);
  folder.add_channel(kCsvTrain, {{"a.csv", kFive}});
  jobs.run(folder);
  const std::filesystem::path file = folder.paths().model() / "model_algo-1.json";
  const auto edit = [&](const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    write_file_durably(file, text.replace(text.find(from), from.size(), to));
  };
  edit("\"k\":3", "\"k\":5");
  // Two votes each for 0 and 3, one for 9.
  EXPECT_EQ(answered(folder, "8\n", ""), R"({"predictions":[{"predicted_label":0.0}]})");
  edit("classifier", "regressor");
  EXPECT_EQ(answered(folder, "8\n", ""), R"({"predictions":[{"predicted_label":3.0}]})");
  edit("\"k\":5", "\"k\":6");
  try {
    (void)load_scorer(folder.paths().model());
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("member 'k': got \"6\", expected at most 5"),
              std::string::npos)
        << error.what();
  }
}

/// A pipe can be read once, and by the time it is, has no name any more.
TEST(Scoring, UnpacksAModelOnce) {
  JobFolder folder(kClassifier);
  folder.add_channel(kCsvTrain, {{"a.csv", kFive}});
  jobs.run(folder);
  StringSink archive;
  TarWriter tar(archive);
  for (const auto& [name, content] : model_of(folder)) {
    MemorySource source(content);
    tar.add_file(name, content.size(), {}, source);
  }
  tar.finish();
  const std::filesystem::path pipe = folder.paths().model() / "model.tar";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&] {
    const Fd fd(::open(pipe.c_str(), O_WRONLY | O_CLOEXEC));
    std::filesystem::remove(pipe);
    write_all(fd.get(), archive.text());  // fits into the pipe
  });
  const std::unique_ptr<Scorer> scorer = load_scorer(pipe);
  MemorySource rows("4\n");
  StringSink answer;
  scorer->answer({.content_type = "text/csv", .accept = "text/csv"}, rows, answer);
  EXPECT_EQ(answer.text(), "3.0\n");
}

TEST(Scoring, RefusesRowsOfAnotherWidthAndModelsThatAreNotWhole) {
  JobFolder folder(kClassifier);
  folder.add_channel(kCsvTrain, {{"a.csv", kFive}});
  jobs.run(folder);
  EXPECT_THROW((void)answered(folder, "1,2\n", ""), Error);
  for (const char* name : {"model_algo-1", "model_algo-1.labels", "model_algo-1.json"}) {
    const std::filesystem::path file = folder.paths().model() / name;
    const std::string whole = read_file(file);
    write_file_durably(file, std::string_view(whole).substr(0, whole.size() - 2));
    EXPECT_THROW((void)load_scorer(folder.paths().model()), Error) << name;
    std::filesystem::remove(file);
    EXPECT_THROW((void)load_scorer(folder.paths().model()), Error) << name;
    write_file_durably(file, whole);
  }
}

TEST(Training, FilesAndFifosGiveTheSameModel) {
  const Settings settings = with(kClassifier, {{"sample_size", "40"}, {"mini_batch_size", "33"}});
  const std::string text = lines(0, 200);
  JobFolder files(settings), pipes(settings);
  files.add_channel(kCsvTrain, two_files(text, text.size() / 2));
  pipes.add_channel(kPipedCsvTrain, {});
  const ServedFifos served(pipes.paths(), "train", {text});
  jobs.run(files);
  jobs.run(pipes);
  EXPECT_EQ(model_of(files), model_of(pipes));
}

/// Row i of `width` features, of which three are not zero.
std::string protobuf(int rows, bool sparse, std::int64_t width) {
  std::vector<Row> written;
  for (int i = 0; i < rows; ++i) {
    Row row{.labels = {static_cast<float>(i % 2)}, .sparse = sparse, .columns = width};
    row.indices = {1, width / 2, width - 1};
    row.values = {static_cast<float>(i % 2 * 10), static_cast<float>(i % 7), 1};
    if (!sparse) {
      std::vector<float> dense(static_cast<std::size_t>(width));
      for (std::size_t j = 0; j < 3; ++j)
        dense[static_cast<std::size_t>(row.indices[j])] = row.values[j];
      row.values = std::move(dense);
      row.indices.clear();
    }
    written.push_back(std::move(row));
  }
  return recordio_protobuf(written);
}

TEST(Training, SparseRowsGiveTheModelOfDenseOnes) {
  JobFolder dense(kClassifier), sparse(kClassifier);
  dense.add_channel({.name = "train"}, {{"a", protobuf(50, false, 9)}});
  sparse.add_channel({.name = "train"}, {{"a", protobuf(50, true, 9)}});
  jobs.run(dense);
  jobs.run(sparse);
  EXPECT_EQ(model_of(dense), model_of(sparse));
}

TEST(Training, WideSparseRowsAreReducedOnTheirWay) {
  JobFolder folder(with(
      kClassifier, {{"dimension_reduction_type", "fjlt"}, {"dimension_reduction_target", "200"}}));
  folder.add_channel({.name = "train"}, {{"a", protobuf(60, true, 100'000)}});
  folder.add_channel({.name = "test"}, {{"a", protobuf(60, true, 100'000)}});
  EXPECT_EQ(figure(jobs.logged(folder), "test accuracy <score>="), 1);
  EXPECT_LT(model_of(folder).at("model_algo-1").size(), 100'000U);
}

TEST(TwoHosts, KeepTheRowsOfOneByteForByteWhereAllAreKept) {
  for (const bool sharded : {false, true}) {
    JobFolder one(kClassifier), a(with(kClassifier, {{"mini_batch_size", "13"}})),
        b(with(kClassifier, {{"mini_batch_size", "13"}}));
    const std::string text = lines(0, 205);
    const std::size_t cut = text.find('\n', text.size() / 3) + 1;
    ChannelConfig train = kCsvTrain;
    if (sharded) train.distribution = "ShardedByS3Key";
    one.add_channel(kCsvTrain, {{"a", text}});
    a.add_channel(train, {{"a", sharded ? text.substr(0, cut) : text}});
    b.add_channel(train, {{"a", sharded ? text.substr(cut) : text}});
    for (JobFolder* folder : {&one, &a, &b})
      folder->add_channel(kCsvTest, {{"t", lines(300, 361)}});
    testing::internal::CaptureStdout();
    run_together({&a, &b}, jobs);
    const std::string log = testing::internal::GetCapturedStdout();
    jobs.run(one);
    EXPECT_EQ(model_of(one), model_of(a));
    EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
    // Each of them measured a part, and both tell of the whole.
    for (const JobFolder* host : {&a, &b}) {
      const std::string name = read_resource_config(host->paths()).current_host;
      EXPECT_NE(log.find("host=" + name + ", test accuracy <score>=1"), std::string::npos) << log;
    }
  }
}

TEST(TwoHosts, EachKeepHalfOfTheSample) {
  const Settings settings = with(kClassifier, {{"sample_size", "31"}, {"mini_batch_size", "10"}});
  JobFolder a(settings), b(settings);
  for (JobFolder* folder : {&a, &b}) folder->add_channel(kCsvTrain, {{"a", lines(0, 200)}});
  testing::internal::CaptureStdout();
  run_together({&a, &b}, jobs);
  const std::string log = testing::internal::GetCapturedStdout();
  EXPECT_EQ(model_of(a).at("model_algo-1.labels").size(), 31 * sizeof(float));
  EXPECT_NE(log.find("Using per-worker sample size = 15 "), std::string::npos);
  EXPECT_NE(log.find("Using per-worker sample size = 16 "), std::string::npos);
  EXPECT_NE(log.find("number of workers = 2)"), std::string::npos);
}

TEST(TwoHosts, OneOfThemMayHaveNoRows) {
  ChannelConfig train = kCsvTrain;
  train.distribution = "ShardedByS3Key";
  JobFolder a(with(kClassifier, {{"feature_dim", "4"}})),
      b(with(kClassifier, {{"feature_dim", "4"}}));
  a.add_channel({.name = "train",
                 .input_mode = "Pipe",
                 .distribution = "ShardedByS3Key",
                 .content_type = "text/csv"},
                {});
  const ServedFifos served(a.paths(), "train", {""});
  b.add_channel(train, {{"a", lines(0, 20)}});
  run_together({&a, &b}, jobs);
  EXPECT_EQ(model_of(a).at("model_algo-1.labels").size(), 20 * sizeof(float));
}

TEST(Training, AStopLeavesASampleOfTheRowsSoFar) {
  JobFolder folder(with(kClassifier, {{"sample_size", "100"}}));
  folder.add_channel(kPipedCsvTrain, {});
  std::stop_source stop;
  // Far more than a pipe and the batches read ahead can hold: rows have been sampled by then. The
  // end of the stream never comes.
  const ServedFifos unending(folder.paths(), "train", {lines(0, 50'000)},
                             [&] { stop.request_stop(); });
  jobs.run(folder, stop.get_token());
  EXPECT_EQ(model_of(folder).at("model_algo-1.labels").size(), 100 * sizeof(float));
}

TEST(Training, AStopBeforeTheFirstRowLeavesTheFirstRowsAndAKThatTheyCanAnswer) {
  JobFolder folder(with(kClassifier, {{"mini_batch_size", "5"}, {"k", "30"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 100)}});
  std::stop_source stop;
  stop.request_stop();
  jobs.run(folder, stop.get_token());
  EXPECT_EQ(model_of(folder).at("model_algo-1.labels").size(), 5 * sizeof(float));
  EXPECT_NE(answered(folder, "1,2,3,4\n", "").find("predicted_label"), std::string::npos);
}

TEST(Training, LogsWhatTheContainerLogs) {
  JobFolder folder(kClassifier);
  folder.add_channel(kCsvTrain, {{"a", lines(0, 100)}});
  folder.add_channel(kCsvTest, {{"t", lines(100, 150)}});
  const std::string log = jobs.logged(folder);
  expect_contains(
      log, {"Reading default configuration", "\"faiss_index_ivf_nlists\":\"auto\"",
            "\"_faiss_index_nprobe\":\"5\"", "Merging with provided configuration from",
            "Final configuration: ", "Using default worker.",
            "Using per-worker sample size = 100000 (Available virtual memory = ",
            " bytes, GPU free memory = 0 bytes, number of workers = 1). If an out-of-memory error",
            "#test_score (algo-1) : ('accuracy', 1", "#test_score (algo-1) : ('macro_f_1.000', 1",
            "#quality_metric: host=algo-1, test accuracy <score>=1",
            "#quality_metric: host=algo-1, test macro_f_1.000 <score>=1"});
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const std::string good = lines(0, 50);
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", good + "1,2,x,4,5\n"}}),
                  {"channel 'train', a.csv, line 51, column 3: got \"x\""});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", good + "1,2,,4,5\n"}}),
                  {"a.csv, line 51, column 3"});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", good + "1,2\n"}}),
                  {"a.csv, line 51", "2 columns"});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", good + "nan,2,3,4,5\n"}}),
                  {"a.csv, line 51, column 1"});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", good + "1,2,inf,4,5\n"}}),
                  {"a.csv, line 51, column 3"});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", "y,a,b,c,d\n" + good}}),
                  {"a.csv, line 1", "header"});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  expect_contains(jobs.refusal(kClassifier, {}), {"channel 'train': got \"no files\""});
  expect_contains(jobs.refusal(with(kClassifier, {{"feature_dim", "5"}}), {{"a.csv", good}}),
                  {"hyperparameter 'feature_dim': got \"5\", expected 4"});
  expect_contains(jobs.refusal(kClassifier, {{"a.csv", good}}, "1,2,3\n"),
                  {"channel 'test': got \"2 features", "expected 4, as channel 'train' has"});
  expect_contains(jobs.refusal(with(kClassifier, {{"k", "51"}}), {{"a.csv", good}}),
                  {"hyperparameter 'k': got \"51\", expected at most 50, the rows of the sample",
                   "sample_size is 100000", "more training rows"});
  expect_contains(
      jobs.refusal(with(kClassifier, {{"k", "9"}, {"sample_size", "8"}}), {{"a.csv", good}}),
      {"got \"9\", expected at most 8", "sample_size is 8", "raise sample_size"});
  expect_contains(jobs.refusal(with(kClassifier, {{"dimension_reduction_type", "sign"},
                                                  {"dimension_reduction_target", "4"}}),
                               {{"a.csv", good}}),
                  {"'dimension_reduction_target': got \"4\", expected below 4"});
}

TEST(Training, RefusesTooFewRowsForAnApproximateIndex) {
  const std::string text = jobs.refusal(
      with(kClassifier, {{"index_type", "faiss.IVFFlat"}, {"faiss_index_ivf_nlists", "51"}}),
      {{"a.csv", lines(0, 50)}});
  EXPECT_NE(text.find(has_faiss() ? "got \"51 centroids to be learned\", expected at most 50"
                                  : "this build has no FAISS"),
            std::string::npos)
      << text;
}

TEST(Training, RefusesSparseRowsWithBadKeysAndRecordsThatAreNotFinite) {
  const auto refused = [](const Row& bad) {
    return jobs.refusal_of_records(
        with(kClassifier, {{"k", "1"}}),
        {{.labels = {1}, .sparse = true, .columns = 9, .indices = {1}, .values = {1}}, bad});
  };
  const std::string place = "channel 'train', a.pbr, record 1";
  const float nan = std::nanf("");
  EXPECT_NE(refused({.labels = {1}, .sparse = true, .columns = 9, .indices = {9}, .values = {1}})
                .find(place),
            std::string::npos);
  EXPECT_NE(
      refused({.labels = {1}, .sparse = true, .columns = 9, .indices = {2, 2}, .values = {1, 1}})
          .find("twice"),
      std::string::npos);
  EXPECT_NE(refused({.labels = {1}, .sparse = true, .columns = 9, .indices = {2}, .values = {nan}})
                .find(place),
            std::string::npos);
  EXPECT_NE(refused({.labels = {nan}, .sparse = true, .columns = 9, .indices = {2}, .values = {1}})
                .find(place),
            std::string::npos);
}

TEST(Training, OneRowZerosAndConstantsAreTrainedOn) {
  const Settings one = with(kClassifier, {{"k", "1"}});
  EXPECT_EQ(jobs.refusal(one, {{"a", "5,1,2,3\n"}}, "5,1,2,3\n"), "accepted");
  EXPECT_EQ(
      jobs.refusal(with(one, {{"index_metric", "COSINE"}}), {{"a", "5,0,0\n1,1,2\n"}}, "1,0,0\n"),
      "accepted");
  EXPECT_EQ(jobs.refusal(one, {{"a", "0.5,1\n0.5,1\n-3,1\n"}}, "7,1\n"), "accepted");
  // A batch that is larger than the channel, and one class.
  EXPECT_EQ(jobs.refusal(with(one, {{"mini_batch_size", "1000000"}}), {{"a", "1,1\n1,2\n"}}),
            "accepted");
}

}  // namespace
}  // namespace millrace::knn
