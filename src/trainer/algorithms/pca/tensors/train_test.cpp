#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stop_token>

#include "trainer/algorithms/pca/algorithm.h"
#include "trainer/algorithms/pca/pca_model.h"
#include "trainer/algorithms/pca/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::pca {
namespace {

const TabularJobs jobs{.algorithm = algorithm,
                       .train = train,
                       .train_channel = {.name = "train", .content_type = "text/csv;label_size=0"}};

const ChannelConfig& kUnlabelledTrain = jobs.train_channel;
const ChannelConfig kCsvTest{.name = "test", .content_type = "text/csv"};
constexpr std::size_t kFeatures = 12;

/// Row i: features whose deviations fall by a third from one to the next, about a mean of 50.
std::vector<float> example(int i) {
  std::mt19937 random(static_cast<unsigned>(i));
  std::normal_distribution<float> normal;
  std::vector<float> row;
  float deviation = 10;
  for (std::size_t f = 0; f < kFeatures; ++f, deviation *= 0.67F) {
    // Neighbours move together, so that components are not features.
    row.push_back(50 + deviation * normal(random) + (f == 0 ? 0 : 0.5F * (row.back() - 50)));
  }
  return row;
}

std::string lines(int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) text += csv_line(example(i));
  return text;
}

const Settings kRegular{{"feature_dim", "12"}, {"mini_batch_size", "50"}, {"num_components", "3"}};

/// Of eight columns, beside twelve features.
const Settings kRandomized =
    with(kRegular, {{"algorithm_mode", "randomized"}, {"extra_components", "1"}});

PcaModel model_of(const JobFolder& folder) {
  return read_model(folder.paths().model());
}

std::string bytes_of(const JobFolder& folder) {
  return read_file(folder.paths().model() / kModelFile);
}

TEST(Training, FilesAndFifosGiveTheSameModel) {
  for (const Settings& settings : {kRegular, kRandomized}) {
    const std::string text = lines(0, 300);
    JobFolder files(settings), pipes(settings);
    files.add_channel(kUnlabelledTrain, two_files(text, 1000));
    pipes.add_channel(kPipedCsvTrain, {});
    const ServedFifos fifos(pipes.paths(), "train", std::vector<std::string>(1, text));
    jobs.run(files);
    jobs.run(pipes);
    EXPECT_EQ(bytes_of(files), bytes_of(pipes));
  }
}

/// The rows as recordio-protobuf, sparse ones in a space of `width` features.
std::string protobuf(int begin, int end, bool sparse, std::int64_t width) {
  std::vector<Row> rows;
  for (int i = begin; i < end; ++i) {
    Row row{.sparse = sparse, .columns = width, .values = example(i)};
    for (std::int64_t f = 0; sparse && f < static_cast<std::int64_t>(kFeatures); ++f)
      row.indices.push_back((f + 1) * width / 13);
    rows.push_back(std::move(row));
  }
  return recordio_protobuf(rows);
}

TEST(Training, ProtobufGivesTheModelThatCsvGives) {
  JobFolder csv(kRegular), records(kRegular);
  csv.add_channel(kUnlabelledTrain, {{"a", lines(0, 300)}});
  records.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, kFeatures)}});
  jobs.run(csv);
  jobs.run(records);
  EXPECT_EQ(bytes_of(csv), bytes_of(records));
}

void expect_close(const PcaModel& a, const PcaModel& b, double tolerance) {
  ASSERT_EQ(a.vectors.size(), b.vectors.size());
  for (std::size_t i = 0; i < a.vectors.size(); ++i)
    EXPECT_NEAR(a.vectors[i], b.vectors[i], tolerance) << i;
  for (std::size_t j = 0; j < a.singular_values.size(); ++j)
    EXPECT_NEAR(a.singular_values[j] / b.singular_values[j], 1, tolerance) << j;
  ASSERT_EQ(a.mean.size(), b.mean.size());
  for (std::size_t i = 0; i < a.mean.size(); ++i)
    EXPECT_NEAR(a.mean[i], b.mean[i], tolerance * 50) << i;
}

TEST(Training, SparseRowsOfManyFeaturesStaySparse) {
  // A dense batch of this width would be 100 MB, and the matrix of regular mode 2 TB.
  constexpr std::int64_t kWidth = 500'000;
  JobFolder wide(with(kRandomized, {{"feature_dim", std::to_string(kWidth)}})), narrow(kRegular);
  wide.add_channel({.name = "train"}, {{"a", protobuf(0, 300, true, kWidth)}});
  wide.add_channel({.name = "test"}, {{"a", protobuf(300, 400, true, kWidth)}});
  narrow.add_channel(kUnlabelledTrain, {{"a", lines(0, 300)}});
  narrow.add_channel(kCsvTest, {{"a", lines(300, 400)}});
  const char* const error = "#quality_metric: host=algo-1, test mse <loss>=";
  const double wide_error = figure(jobs.logged(wide), error),
               narrow_error = figure(jobs.logged(narrow), error);
  const PcaModel found = model_of(wide), wanted = model_of(narrow);
  ASSERT_EQ(found.features, kWidth);
  for (std::size_t j = 0; j < 3; ++j) {
    double cosine = 0;
    for (std::size_t f = 0; f < kFeatures; ++f) {
      const auto at = (f + 1) * static_cast<std::size_t>(kWidth) / 13;
      cosine += static_cast<double>(found.vectors[at * 3 + j] * wanted.vectors[f * 3 + j]);
    }
    EXPECT_NEAR(std::abs(cosine), 1, 0.02) << j;
  }
  // The same errors, over a mean of many more values that are all zero.
  EXPECT_NEAR(wide_error * static_cast<double>(kWidth) / kFeatures / narrow_error, 1, 0.05);
}

TEST(Training, AboutZeroThereIsNoMean) {
  JobFolder folder(with(kRegular, {{"subtract_mean", "false"}}));
  folder.add_channel(kUnlabelledTrain, {{"a", lines(0, 300)}});
  jobs.run(folder);
  const PcaModel model = model_of(folder);
  EXPECT_TRUE(model.mean.empty());
  // Rows about (50, 50, ...): the strongest direction is nearly that of the mean.
  for (std::size_t f = 0; f < kFeatures; ++f)
    EXPECT_NEAR(model.vectors[f * 3 + 2], 1 / std::sqrt(12.0F), 0.02F) << f;
}

TEST(Training, RegularModeDoesNotDependOnTheSeedAndRandomizedDoes) {
  for (const Settings& settings : {kRegular, kRandomized}) {
    JobFolder a(with(settings, {{"seed", "1"}})), again(with(settings, {{"seed", "1"}})),
        b(with(settings, {{"seed", "2"}}));
    for (JobFolder* folder : {&a, &again, &b}) {
      folder->add_channel(kUnlabelledTrain, {{"a", lines(0, 300)}});
      jobs.run(*folder);
    }
    EXPECT_EQ(bytes_of(a), bytes_of(again));
    EXPECT_EQ(bytes_of(a) == bytes_of(b), settings == kRegular);
  }
}

TEST(TwoHosts, GiveTheModelOfOne) {
  for (const Settings& settings : {kRegular, kRandomized}) {
    for (const bool sharded : {false, true}) {
      JobFolder one(settings), a(settings), b(settings);
      ChannelConfig train = kUnlabelledTrain;
      if (sharded) train.distribution = "ShardedByS3Key";
      one.add_channel(kUnlabelledTrain, {{"a", lines(0, 410)}});
      // The second host has no more than seven rows of its own, fewer than a batch.
      a.add_channel(train, {{"a", lines(0, sharded ? 403 : 410)}});
      b.add_channel(train, {{"a", lines(sharded ? 403 : 0, 410)}});
      for (JobFolder* folder : {&one, &a, &b}) folder->add_channel(kCsvTest, {{"t", lines(0, 99)}});
      jobs.run(one);
      run_together({&a, &b}, jobs);
      // Sums in double: what differs is the rounding of float32 within the blocks of a sketch.
      expect_close(model_of(one), model_of(a), 2e-5);
      EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
    }
  }
}

TEST(TwoHosts, OneMayHaveNoRows) {
  JobFolder one(kRegular), a(kRegular), b(kRegular);
  one.add_channel(kUnlabelledTrain, {{"a", lines(0, 100)}});
  a.add_channel({.name = "train",
                 .input_mode = "Pipe",
                 .distribution = "ShardedByS3Key",
                 .content_type = "text/csv"},
                {});
  b.add_channel({.name = "train", .distribution = "ShardedByS3Key", .content_type = "text/csv"},
                {{"a", lines(0, 100)}});
  const ServedFifos nothing(a.paths(), "train", {""});
  jobs.run(one);
  run_together({&a, &b}, jobs);
  expect_close(model_of(one), model_of(a), 1e-6);
}

TEST(Training, AStopLeavesTheComponentsOfTheRowsSoFar) {
  for (const Settings& settings : {kRegular, kRandomized}) {
    JobFolder folder(settings);
    folder.add_channel(kPipedCsvTrain, {});
    std::stop_source stop;
    // Far more than a pipe and the batches read ahead can hold. The end of the stream never comes.
    const ServedFifos unending(folder.paths(), "train", {lines(0, 20'000)},
                               [&] { stop.request_stop(); });
    jobs.run(folder, stop.get_token());
    const PcaModel model = model_of(folder);
    EXPECT_EQ(model.features, 12);
    EXPECT_TRUE(std::isfinite(model.vectors[0]));
  }
}

TEST(Training, PublishedPatternsFindTheirFigures) {
  JobFolder folder(with(kRegular, {{"epochs", "3"}, {"mini_batch_size", "1000"}}));
  folder.add_channel(kUnlabelledTrain, {{"a", lines(0, 300)}});
  folder.add_channel(kCsvTest, {{"a", lines(300, 400)}});
  const std::string log = jobs.logged(folder);
  expect_patterns_find_figures(algorithm(), log);
  expect_contains(
      log, {"completed 100 % of epochs", R"("Algorithm":"PCA")", "#test_score (algo-1) : ('mse', ",
            "processed a total of 300 examples", "epochs 2 to 3 are not read",
            "mini_batch_size 1000 is larger than the channel, which has 300 rows",
            R"("Total Records Seen":{"count":1,"max":300.0)"});
  EXPECT_EQ(log.find("Test data is not provided."), std::string::npos);
}

TEST(Training, TheTestErrorIsWhatTheWeakDirectionsHold) {
  // Four rows on the corners of a rectangle: the component is its long side, the error its short.
  JobFolder folder({{"feature_dim", "2"}, {"mini_batch_size", "4"}, {"num_components", "1"}});
  folder.add_channel(kUnlabelledTrain, {{"a", "3,1\n3,-1\n-3,1\n-3,-1\n"}});
  folder.add_channel(kCsvTest, {{"a", "3,1\n3,-1\n-3,1\n-3,-1\n"}});
  EXPECT_NE(jobs.logged(folder).find("test mse <loss>=0.5\n"), std::string::npos);
  EXPECT_EQ(model_of(folder).vectors, (std::vector<float>{1, 0}));
  EXPECT_EQ(model_of(folder).singular_values, (std::vector<float>{6}));
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const Settings three{{"feature_dim", "3"}, {"mini_batch_size", "2"}, {"num_components", "2"}};
  const std::string good = "1,2,3\n4,5,7\n7,8,8\n";
  expect_contains(jobs.refusal(three, {{"a.csv", good}, {"b.csv", "1,2,x\n"}}),
                  {"channel 'train', b.csv, line 1, column 3: got \"x\""});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,2,\n"}}), {"a.csv, line 4, column 3"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,2\n"}}), {"a.csv, line 4", "2 columns"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,2,3,4\n"}}),
                  {"a.csv, line 4", "columns"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,nan,3\n"}}),
                  {"a.csv, line 4, column 2"});
  expect_contains(jobs.refusal(three, {{"a.csv", good + "1,-inf,3\n"}}),
                  {"a.csv, line 4, column 2"});
  expect_contains(jobs.refusal(three, {{"a.csv", "x,y,z\n" + good}}), {"a.csv, line 1", "header"});
  expect_contains(jobs.refusal(three, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  expect_contains(jobs.refusal(three, {}), {"channel 'train': got \"no files\""});
  expect_contains(jobs.refusal(with(three, {{"feature_dim", "4"}}), {{"a.csv", good}}),
                  {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  expect_contains(jobs.refusal(three, {{"a.csv", good}}, "1,2\n"),
                  {"channel 'test': got \"2 features", "expected 3, as channel 'train' has"});
  expect_contains(jobs.refusal(three, {{"a.csv", good}}, "1,2,3\n1,2,?\n"),
                  {"channel 'test', t.csv, line 2, column 3"});
  expect_contains(jobs.refusal(three, {{"a.csv", "1,2,3\n"}}),
                  {"hyperparameter 'num_components': got \"2\", expected at most 1, the rows"});
  expect_contains(jobs.refusal(with(three, {{"feature_dim", "10000000"}}), {{"a.csv", good}}),
                  {"hyperparameter 'feature_dim'"});
}

TEST(Training, RefusesBadRecords) {
  const auto refused = [](const Row& bad) {
    return jobs.refusal_of_records(
        {{"feature_dim", "9"}, {"mini_batch_size", "1"}, {"num_components", "1"}},
        {{.sparse = true, .columns = 9, .indices = {1}, .values = {1}}, bad});
  };
  EXPECT_NE(refused({.sparse = true, .columns = 9, .indices = {9}, .values = {1}})
                .find("channel 'train', a.pbr, record 1"),
            std::string::npos);
  EXPECT_NE(
      refused({.sparse = true, .columns = 9, .indices = {2, 2}, .values = {1, 1}}).find("twice"),
      std::string::npos);
  EXPECT_NE(refused({.sparse = true, .columns = 8, .indices = {2}, .values = {1}})
                .find("a.pbr, record 1"),
            std::string::npos);
  for (const float bad : {std::nanf(""), INFINITY}) {
    EXPECT_NE(refused({.sparse = true, .columns = 9, .indices = {2}, .values = {bad}})
                  .find("a.pbr, record 1"),
              std::string::npos);
  }
}

TEST(Training, OneRowZerosAndConstantsAreTrainedOn) {
  const Settings one{{"feature_dim", "3"}, {"mini_batch_size", "1"}, {"num_components", "1"}};
  for (const char* rows : {"5,1,2\n", "0,0,0\n0,0,0\n", "5,1,2\n5,1,2\n5,1,2\n"}) {
    JobFolder folder(one);
    folder.add_channel(kUnlabelledTrain, {{"a", rows}});
    jobs.run(folder);
    EXPECT_EQ(model_of(folder).singular_values, std::vector<float>{0}) << rows;
  }
  // A constant column has no part in any component.
  JobFolder folder(with(one, {{"num_components", "2"}}));
  folder.add_channel(kUnlabelledTrain, {{"a", "5,1,2\n5,2,2.5\n5,7,3\n5,1,9\n"}});
  jobs.run(folder);
  EXPECT_NEAR(model_of(folder).vectors[0], 0, 1e-6F);
  EXPECT_NEAR(model_of(folder).vectors[1], 0, 1e-6F);
}

}  // namespace
}  // namespace millrace::pca
