#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "core/json/json.h"
#include "trainer/algorithms/kmeans/algorithm.h"
#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/nearest.h"
#include "trainer/algorithms/kmeans/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::kmeans {
namespace {

const TabularJobs jobs{.algorithm = algorithm, .train = train};

const Settings kSettings{{"k", "4"}, {"feature_dim", "3"}, {"mini_batch_size", "50"}};

/// Corners of a square that the rows lie around; the third feature never varies.
constexpr float kCorners[4][2] = {{100, 0}, {100, 40}, {140, 0}, {140, 40}};

std::vector<float> row(int i) {
  return {kCorners[i % 4][0] + static_cast<float>(i * 37 % 101) / 50 - 1,
          kCorners[i % 4][1] + static_cast<float>(i * 53 % 97) / 48 - 1, 7};
}

std::string lines(int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) text += csv_line(row(i));
  return text;
}

std::string bytes_of(const JobFolder& folder) {
  return read_file(folder.paths().model() / kModelFile);
}

/// Mean squared distance of rows [0, end) to the nearest centre.
double msd(const Centres& centres, int end) {
  std::vector<float> values;
  for (int i = 0; i < end; ++i) {
    const std::vector<float> each = row(i);
    values.insert(values.end(), each.begin(), each.end());
  }
  std::vector<Nearest> found(static_cast<std::size_t>(end));
  NearestCentre(centres).find(values.data(), found);
  double sum = 0;
  for (const Nearest& each : found) sum += static_cast<double>(each.squared_distance);
  return sum / end;
}

TEST(Training, FindsTheCornersWithEverySetting) {
  for (const Settings& changes :
       {Settings{},
        {{"init_method", "kmeans++"}},
        {{"extra_center_factor", "5"}, {"epochs", "3"}},
        {{"extra_center_factor", "1"}, {"init_method", "kmeans++"}, {"epochs", "2"}},
        {{"local_lloyd_init_method", "random"}, {"local_lloyd_num_trials", "40"}},
        {{"half_life_time_size", "200"}},
        {{"mini_batch_size", "5000"}},
        {{"mini_batch_size", "1"}},
        {{"force_dense", "False"}}}) {
    JobFolder folder(with(kSettings, changes));
    folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000)}});
    jobs.run(folder);
    const Centres centres = read_model(folder.paths().model());
    ASSERT_EQ(centres.count(), 4);
    // The rows spread evenly over [-1, 1] around a corner: variance 1/3 in each of two features.
    EXPECT_LT(msd(centres, 1000), 0.75) << to_text(Json(changes));
    for (std::int64_t c = 0; c < 4; ++c) EXPECT_NEAR(centres.row(c)[2], 7, 1e-5);
  }
}

TEST(Training, FilesAndFifosGiveTheSameModelAndOneEpochIsReadOnce) {
  const std::string text = lines(0, 300);
  JobFolder files(kSettings), pipes(kSettings);
  files.add_channel(kCsvTrain, two_files(text, 1000));
  pipes.add_channel(kPipedCsvTrain, {});
  const ServedFifos fifos(pipes.paths(), "train", std::vector<std::string>(1, text));
  jobs.run(files);
  jobs.run(pipes);
  EXPECT_EQ(bytes_of(files), bytes_of(pipes));
}

std::string protobuf(int begin, int end, bool sparse, std::int64_t width) {
  std::vector<Row> rows;
  for (int i = begin; i < end; ++i) {
    // A label is ignored.
    rows.push_back({.labels = {1}, .sparse = sparse, .columns = width, .values = row(i)});
    if (sparse) rows.back().indices = {1, width / 2, width - 1};
  }
  return recordio_protobuf(rows);
}

TEST(Training, ProtobufGivesTheModelThatCsvGivesWhateverItsLabels) {
  JobFolder csv(kSettings), records(kSettings), sparse(kSettings);
  csv.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  records.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, 3)}});
  jobs.run(csv);
  jobs.run(records);
  EXPECT_EQ(bytes_of(csv), bytes_of(records));
}

TEST(Training, SparseRowsOfManyFeaturesStaySparse) {
  constexpr std::int64_t kWidth = 100'000;
  JobFolder folder(with(kSettings, {{"feature_dim", std::to_string(kWidth)},
                                    {"extra_center_factor", "2"},
                                    {"init_method", "kmeans++"}}));
  folder.add_channel({.name = "train"}, {{"a", protobuf(0, 200, true, kWidth)}});
  folder.add_channel({.name = "test"}, {{"a", protobuf(0, 200, true, kWidth)}});
  EXPECT_LT(figure(jobs.logged(folder), "test msd <loss>="), 0.75);
  const Centres centres = read_model(folder.paths().model());
  EXPECT_EQ(centres.features, kWidth);
  for (std::int64_t c = 0; c < centres.count(); ++c) {
    EXPECT_NEAR(centres.row(c)[kWidth - 1], 7, 1e-5);
    EXPECT_EQ(centres.row(c)[5], 0);
  }
}

TEST(TwoHosts, WithHalfTheBatchGiveTheModelOfOne) {
  for (const char* init : {"random", "kmeans++"}) {
    for (const bool sharded : {false, true}) {
      const Settings whole_batch = with(kSettings, {{"epochs", "2"}, {"init_method", init}}),
                     half_batch = with(whole_batch, {{"mini_batch_size", "25"}});
      JobFolder one(whole_batch), a(half_batch), b(half_batch);
      // Shards whose batches of 25 are the halves of one host's batches of 50; the hosts then also
      // have unequal numbers of rows.
      std::string halves[2];
      for (int begin = 0; begin < 410; begin += 50) {
        const int middle = std::min(begin + 25, 410), end = std::min(begin + 50, 410);
        halves[0] += lines(begin, middle);
        halves[1] += lines(middle, end);
      }
      ChannelConfig train_channel = kCsvTrain;
      if (sharded) train_channel.distribution = "ShardedByS3Key";
      one.add_channel(kCsvTrain, {{"a", lines(0, 410)}});
      a.add_channel(train_channel, {{"a", sharded ? halves[0] : lines(0, 410)}});
      b.add_channel(train_channel, {{"a", sharded ? halves[1] : lines(0, 410)}});
      for (JobFolder* folder : {&one, &a, &b}) {
        folder->add_channel({.name = "test", .content_type = "text/csv"}, {{"a", lines(500, 600)}});
      }
      const std::string alone = jobs.logged(one);
      testing::internal::CaptureStdout();
      run_together({&a, &b}, jobs);
      const std::string together = testing::internal::GetCapturedStdout();
      EXPECT_NEAR(figure(together, "test msd <loss>="), figure(alone, "test msd <loss>="), 1e-5);
      const Centres of_one = read_model(one.paths().model()),
                    of_two = read_model(a.paths().model());
      ASSERT_EQ(of_one.values.size(), of_two.values.size());
      for (std::size_t i = 0; i < of_one.values.size(); ++i)
        EXPECT_NEAR(of_one.values[i], of_two.values[i], 1e-4F) << i;
      EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
    }
  }
}

TEST(TwoHosts, OneMayHaveFewRowsAndTheOtherManyMore) {
  const Settings settings = with(kSettings, {{"mini_batch_size", "5"}});
  JobFolder a(settings), b(settings);
  ChannelConfig sharded = kCsvTrain;
  sharded.distribution = "ShardedByS3Key";
  a.add_channel(sharded, {{"a", lines(0, 3)}});
  b.add_channel(sharded, {{"a", lines(3, 300)}});
  run_together({&a, &b}, jobs);
  EXPECT_LT(msd(read_model(a.paths().model()), 300), 0.75);
}

TEST(Training, AStopLeavesAModelThatScores) {
  JobFolder folder(with(kSettings, {{"epochs", "1000000"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  const StopSoon stop;
  jobs.run(folder, stop.token());
  EXPECT_LT(msd(read_model(folder.paths().model()), 300), 0.75);
}

TEST(Training, LinesAreThoseOfTheContainer) {
  JobFolder folder(
      with(kSettings, {{"eval_metrics", R"(["msd","ssd"])"}, {"mini_batch_size", "200"}}));
  for (const char* name : {"train", "test"})
    folder.add_channel({.name = name, .content_type = "text/csv"}, {{"a", lines(0, 150)}});
  const std::string log = jobs.logged(folder);
  std::size_t at = 0;
  for (const char* part :
       {"Loaded iterator creator text/csv for content type ('text/csv', '1.0')",
        "Create Store: local",
        "Number of GPUs being used: 0",
        "Setting up with params: {'epochs': '1', ",
        "'extra_center_factor' was set to 'auto', evaluated to 10.",
        "number of center slices 1",
        "Batch size 200 is bigger than the first batch data. Effective batch size used to "
        "initialize is 150",
        R"("Meta":"init_train_data_iter")",
        "processed a total of 150 examples",
        "#progress_metric: host=algo-1, completed 100 % of epochs",
        R"("Meta":"training_data_iter")",
        "#throughput_metric: host=algo-1, train throughput=",
        "shrinking 40 centers into 4",
        "local kmeans attempt #0. Current mean square distance ",
        "local kmeans attempt #9.",
        "finished shrinking process. Mean Square Distance = ",
        "refined the centers on 150 rows in ",
        "#quality_metric: host=algo-1, train msd <loss>=",
        "compute all data-center distances: inner product took: ",
        "TOTAL took: ",
        R"("model.serialize.time":)",
        "#test_score (algo-1) : ('msd', ",
        "#test_score (algo-1) : ('ssd', ",
        "#quality_metric: host=algo-1, test msd <loss>=",
        "#quality_metric: host=algo-1, test ssd <loss>=",
        R"("totaltime":)"}) {
    const std::size_t found = log.find(part, at);
    EXPECT_NE(found, std::string::npos) << part;
    if (found != std::string::npos) at = found;
  }
  EXPECT_NE(log.find(R"("Algorithm":"AWS/KMeansWebscale")"), std::string::npos);
  const double test = figure(log, "test msd <loss>=");
  EXPECT_NEAR(test, msd(read_model(folder.paths().model()), 150), 1e-5);
  EXPECT_NEAR(figure(log, "test ssd <loss>="), 150 * test, 1e-3);
  // Of the same rows, all of which were there to refine the centres.
  EXPECT_NEAR(figure(log, "train msd <loss>="), test, 1e-3 * test);
  expect_patterns_find_figures(algorithm(), log);
}

TEST(Training, RowsThatWeighLessWithTimeDoNotRefineTheCentres) {
  JobFolder folder(with(kSettings, {{"half_life_time_size", "200"}}));
  for (const char* name : {"train", "test"})
    folder.add_channel({.name = name, .content_type = "text/csv"}, {{"a", lines(0, 150)}});
  const std::string log = jobs.logged(folder);
  EXPECT_EQ(log.find("refined the centers"), std::string::npos);
  // The value of the kept attempt, which is one of those that were told.
  const double kept = figure(log, "train msd <loss>="), test = figure(log, "test msd <loss>=");
  EXPECT_NE(log.find("Current mean square distance " + number_text(kept)), std::string::npos);
  EXPECT_NEAR(kept, test, 0.5 * test);
}

/// Rows that lie evenly in a square: what a stream finds there depends on the order of the rows.
std::string spread_lines(int end) {
  std::string text;
  for (int i = 0; i < end; ++i)
    text += csv_line({static_cast<float>(i * 37 % 101), static_cast<float>(i * 53 % 97), 0});
  return text;
}

TEST(Training, RefinesTheCentresUntilTheyAreTheMeansOfTheirRows) {
  constexpr int kRows = 2000;
  JobFolder folder(with(kSettings, {{"local_lloyd_tol", "0"}}));
  folder.add_channel(kCsvTrain, {{"a", spread_lines(kRows)}});
  jobs.run(folder);
  const Centres centres = read_model(folder.paths().model());
  std::vector<float> rows;
  for (int i = 0; i < kRows; ++i)
    rows.insert(rows.end(), {static_cast<float>(i * 37 % 101), static_cast<float>(i * 53 % 97), 0});
  std::vector<Nearest> nearest(kRows);
  NearestCentre(centres).find(rows.data(), nearest);
  std::vector<double> sums(12), counts(4);
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    const auto centre = static_cast<std::size_t>(nearest[i].centre);
    counts[centre] += 1;
    for (std::size_t f = 0; f < 3; ++f)
      sums[3 * centre + f] += static_cast<double>(rows[3 * i + f]);
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    EXPECT_NEAR(static_cast<double>(centres.values[i]), sums[i] / counts[i / 3], 1e-3) << i;
}

TEST(TwoHosts, RefineTheCentresAsOneDoes) {
  const Settings settings = with(kSettings, {{"local_lloyd_tol", "0"}}),
                 halves = with(settings, {{"mini_batch_size", "25"}});
  JobFolder one(settings), a(halves), b(halves);
  for (JobFolder* folder : {&one, &a, &b})
    folder->add_channel(kCsvTrain, {{"a", spread_lines(2000)}});
  jobs.run(one);
  run_together({&a, &b}, jobs);
  const Centres of_one = read_model(one.paths().model()), of_two = read_model(a.paths().model());
  ASSERT_EQ(of_one.values.size(), of_two.values.size());
  for (std::size_t i = 0; i < of_one.values.size(); ++i)
    EXPECT_NEAR(of_one.values[i], of_two.values[i], 1e-3F) << i;
}

TEST(Training, OnlyTheMetricsThatAreAskedForArePrinted) {
  JobFolder folder(with(kSettings, {{"eval_metrics", R"(["ssd"])"}}));
  for (const char* name : {"train", "test"})
    folder.add_channel({.name = name, .content_type = "text/csv"}, {{"a", lines(0, 150)}});
  const std::string log = jobs.logged(folder);
  EXPECT_EQ(log.find("test msd"), std::string::npos);
  EXPECT_NE(log.find("test ssd"), std::string::npos);
}

TEST(Training, WithoutExtraCentresNothingIsShrunk) {
  JobFolder folder(with(kSettings, {{"extra_center_factor", "1"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 150)}});
  const std::string log = jobs.logged(folder);
  EXPECT_EQ(log.find("shrinking"), std::string::npos);
  EXPECT_NE(log.find("train msd <loss>="), std::string::npos);
  EXPECT_NE(log.find("Test data is not provided."), std::string::npos);
}

TEST(Training, RefusesWhatItCannotClusterAndSaysWhere) {
  const std::string good = lines(0, 100);
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good}, {"b.csv", "1,2,x\n"}}),
                  {"channel 'train', b.csv, line 1, column 3: got \"x\""});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good + "1,,7\n"}}),
                  {"a.csv, line 101, column 2"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good + "1,2\n"}}),
                  {"a.csv, line 101", "2 columns"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good + "1,nan,7\n"}}),
                  {"a.csv, line 101, column 2"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good + "1,2,inf\n"}}),
                  {"a.csv, line 101, column 3"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", "a,b,c\n" + good}}),
                  {"a.csv, line 1", "header"});
  expect_contains(
      jobs.refusal(kSettings, {{"a.csv", good + "1,-3e30,7\n1,2,3\n"}}),
      {"channel 'train', a.csv, line 101, column 2: got \"-3e+30\"", "Scale the features"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  expect_contains(jobs.refusal(kSettings, {}), {"channel 'train': got \"no files\""});
  expect_contains(jobs.refusal(with(kSettings, {{"feature_dim", "4"}}), {{"a.csv", good}}),
                  {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good}}, "1,2\n"),
                  {"channel 'test'", "expected 3"});
  expect_contains(jobs.refusal(kSettings, {{"a.csv", good}}, "1,2,3\n1,2,1e30\n"),
                  {"channel 'test', t.csv, line 2, column 3"});
}

TEST(Training, NeedsAsManyRowsAsThereAreFirstCentres) {
  expect_contains(
      jobs.refusal(with(kSettings, {{"k", "101"}}), {{"a.csv", lines(0, 100)}}),
      {"hyperparameter 'k': got \"101\", expected at most 100, because channel 'train' has "
       "100 rows"});
  expect_contains(
      jobs.refusal(with(kSettings, {{"extra_center_factor", "26"}}), {{"a.csv", lines(0, 100)}}),
      {"hyperparameter 'extra_center_factor': got \"26\", expected at most 25"});
  EXPECT_EQ(
      jobs.refusal(with(kSettings, {{"extra_center_factor", "25"}}), {{"a.csv", lines(0, 100)}}),
      "accepted");
  // More rows than a batch has are read where as many centres are wanted.
  EXPECT_EQ(jobs.refusal(with(kSettings, {{"k", "30"}, {"mini_batch_size", "7"}}),
                         {{"a.csv", lines(0, 300)}}),
            "accepted");
  JobFolder few(kSettings);
  few.add_channel(kCsvTrain, {{"a", lines(0, 9)}});
  expect_contains(jobs.logged(few), {"evaluated to 2.", "shrinking 8 centers into 4"});
}

TEST(Training, RowsThatAreAllAlikeAreClusteredToo) {
  JobFolder one(with(kSettings, {{"k", "1"}, {"feature_dim", "2"}}));
  one.add_channel(kCsvTrain, {{"a", "5,1\n"}});
  jobs.run(one);
  EXPECT_EQ(read_model(one.paths().model()).values, (std::vector<float>{5, 1}));
  JobFolder alike(with(kSettings, {{"feature_dim", "2"}}));
  std::string rows;
  for (int i = 0; i < 120; ++i) rows += "0,0\n";
  alike.add_channel(kCsvTrain, {{"a", rows}});
  expect_contains(jobs.logged(alike), {"train msd <loss>=0\n"});
  EXPECT_EQ(read_model(alike.paths().model()).values, std::vector<float>(8, 0));
}

TEST(Training, RefusesRecordsWithBadKeysAndNumbersThatAreNone) {
  const auto refused = [](const std::vector<Row>& rows) {
    return jobs.refusal_of_records(
        {{"k", "1"}, {"extra_center_factor", "1"}, {"feature_dim", "9"}, {"mini_batch_size", "1"}},
        rows);
  };
  const Row fine{.sparse = true, .columns = 9, .indices = {1}, .values = {1}};
  Row beyond = fine, twice = fine, wide = fine, nan = fine;
  beyond.indices = {9};
  twice.indices = {2, 2};
  twice.values = {1, 1};
  wide.columns = 8;
  nan.values = {std::nanf("")};
  EXPECT_EQ(refused({fine, fine}), "accepted");
  expect_contains(refused({fine, beyond}), {"channel 'train', a.pbr, record 1"});
  expect_contains(refused({fine, twice}), {"twice"});
  expect_contains(refused({wide}), {"feature_dim", "8"});
  expect_contains(refused({fine, nan}), {"channel 'train', a.pbr, record 1", "got \"nan\""});
  expect_contains(refused({nan, fine}), {"channel 'train', a.pbr, record 0", "got \"nan\""});
}

}  // namespace
}  // namespace millrace::kmeans
