#include <gtest/gtest.h>

#include <limits>

#include "trainer/algorithms/linear_learner/tensors/line_jobs_for_test.h"
#include "trainer/job/served_fifos_for_test.h"

namespace millrace::linear_learner {
namespace {

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const std::string good = lines(0, 100, is_large), real = lines(0, 100, target);
  expect_contains(jobs.refusal(kBinary, {{"a.csv", good}, {"b.csv", "1,2,3,7\n\n2,2,3,7\n"}}),
                  {"channel 'train', b.csv, line 3, column 1: got \"label 2\", expected 0 or 1"});
  expect_contains(
      jobs.refusal(kMulticlass, {{"a.csv", lines(0, 100, third) + "3,1,1,7\n"}}),
      {"a.csv, line 101, column 1: got \"label 3\"", "from 0 to 2", "num_classes is 3"});
  expect_contains(jobs.refusal(kMulticlass, {{"a.csv", lines(0, 100, third) + "0.5,1,1,7\n"}}),
                  {"got \"label 0.5\""});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", real + "1,2,x,7\n"}}),
                  {"channel 'train', a.csv, line 101, column 3: got \"x\""});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", real + "1,2,,7\n"}}),
                  {"a.csv, line 101, column 3"});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", real + "1,2\n"}}),
                  {"a.csv, line 101", "2 columns"});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", real + "1,2,nan,7\n"}}),
                  {"a.csv, line 101, column 3"});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", real + "1,2,inf,7\n"}}),
                  {"a.csv, line 101, column 3"});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", "y,a,b,c\n" + real}}),
                  {"a.csv, line 1", "header"});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  expect_contains(jobs.refusal(kRegressor, {}), {"channel 'train': got \"no files\""});
  expect_contains(
      jobs.refusal(kBinary, {{"a.csv", lines(0, 100, [](const Example&) { return 1.0F; })}}),
      {"channel 'train': got \"label 1 in every row\""});
  expect_contains(jobs.refusal(with(kRegressor, {{"mini_batch_size", "101"}}), {{"a.csv", real}}),
                  {"hyperparameter 'mini_batch_size': got \"101\", expected at most 100"});
  expect_contains(jobs.refusal(with(kRegressor, {{"feature_dim", "4"}}), {{"a.csv", real}}),
                  {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  expect_contains(jobs.refusal(kRegressor, {{"a.csv", real}}, "1,2,3\n"),
                  {"channel 'test': got \"2 features", "expected 3, as channel 'train' has"});
  expect_contains(jobs.refusal(kBinary, {{"a.csv", good}}, "7,1,2,7\n"),
                  {"channel 'test', t.csv, line 1, column 1", "label 7"});
}

/// What a job whose train channel comes through a pipe is refused with.
std::string piped_refusal(const Settings& settings, ChannelConfig channel,
                          const std::string& bytes) {
  JobFolder folder(settings);
  channel.name = "train";
  channel.input_mode = "Pipe";
  folder.add_channel(std::move(channel), {});
  const ServedFifos fifos(folder.paths(), "train", std::vector<std::string>(4, bytes));
  return jobs.refusal(folder);
}

TEST(Training, SaysTheSameOfAPipe) {
  const ChannelConfig csv{.content_type = "text/csv"};
  const std::string good = lines(0, 100, is_large), real = lines(0, 100, target);
  EXPECT_EQ(piped_refusal(kBinary, csv, good + "\n2,2,3,7\n"),
            "channel 'train', epoch 0, line 102, column 1: got \"label 2\", expected 0 or 1, "
            "because predictor_type is binary_classifier. Write the negative class as 0 and the "
            "positive class as 1.");
  expect_contains(piped_refusal(kRegressor, csv, real + "1,x,2,7\n"),
                  {"channel 'train', epoch ", ", line 101, column 2: got \"x\""});
  expect_contains(piped_refusal(kRegressor, csv, real + "1,2,7\n"),
                  {", line 101, column 4: got \"3 columns\", expected 4 columns"});
  expect_contains(piped_refusal(kRegressor, csv, ""), {"channel 'train': got \"no rows\""});
  expect_contains(
      piped_refusal(with(kRegressor, {{"feature_dim", "4"}}), csv, real),
      {"epoch 0, line 1: got \"3 features\", expected 4, as feature_dim", "leave it out."});
  expect_contains(piped_refusal(with(kRegressor, {{"mini_batch_size", "101"}}), csv, real),
                  {"hyperparameter 'mini_batch_size': got \"101\", expected at most 100", "Lower"});
  expect_contains(piped_refusal(kBinary, csv, lines(0, 100, [](const Example&) { return 0.0F; })),
                  {"got \"label 0 in every row\"", "Add rows of the other class"});
}

TEST(Training, RefusesRecordsThatHoldNoNumbersOrOthersThanThisJobs) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const auto records = [](const Row& last, int before) {
    std::vector<Row> rows;
    for (int i = 0; i < before; ++i)
      rows.push_back({.labels = {static_cast<float>(i % 2)}, .columns = 2, .values = {1, 2}});
    rows.push_back(last);
    return recordio_protobuf(rows);
  };
  const auto refused = [&](const Settings& settings, const Row& last) {
    return piped_refusal(settings, {}, records(last, 60));
  };
  const std::string place = "channel 'train', epoch ";
  for (const Row& row :
       {Row{.labels = {1}, .columns = 2, .values = {1, nan}},
        Row{.labels = {1}, .columns = 2, .values = {1, -infinity}},
        Row{.labels = {nan}, .columns = 2, .values = {1, 2}},
        Row{.labels = {infinity}, .columns = 2, .values = {1, 2}},
        Row{.labels = {1}, .sparse = true, .columns = 2, .indices = {1}, .values = {nan}}}) {
    const std::string text = refused(kRegressor, row);
    EXPECT_EQ(text.substr(0, place.size()), place) << text;
    for (const char* part : {", record 60, byte ", "expected a finite float32 as number ",
                             "Leave the record out or put a number in its place."})
      EXPECT_NE(text.find(part), std::string::npos) << text;
  }
  EXPECT_EQ(refused(kBinary, {.labels = {3}, .columns = 2, .values = {1, 2}}),
            "channel 'train', epoch 0, record 60: got \"label 3\", expected 0 or 1, because "
            "predictor_type is binary_classifier. Write the negative class as 0 and the positive "
            "class as 1.");
  EXPECT_NE(refused(kRegressor, {.labels = {1}, .columns = 3, .values = {1, 2, 3}})
                .find("record 60, byte "),
            std::string::npos);
  EXPECT_NE(refused(with(kRegressor, {{"feature_dim", "3"}}),
                    {.labels = {1}, .columns = 2, .values = {1, 2}})
                .find("record 0, byte 0: got \"2 features\", expected 3"),
            std::string::npos);
}

TEST(Training, RefusesSparseRowsWithBadKeys) {
  const auto refused = [](const Row& bad) {
    return jobs.refusal_of_records(
        with(kRegressor, {{"mini_batch_size", "1"}}),
        {{.labels = {1}, .sparse = true, .columns = 9, .indices = {1}, .values = {1}}, bad});
  };
  EXPECT_NE(refused({.labels = {1}, .sparse = true, .columns = 9, .indices = {9}, .values = {1}})
                .find("channel 'train', a.pbr, record 1"),
            std::string::npos);
  EXPECT_NE(
      refused({.labels = {1}, .sparse = true, .columns = 9, .indices = {2, 2}, .values = {1, 1}})
          .find("twice"),
      std::string::npos);
  EXPECT_NE(refused({.sparse = true, .columns = 9, .indices = {2}, .values = {1}}).find("label"),
            std::string::npos);
}

TEST(Training, OneRowZerosAndConstantsAreTrainedOn) {
  EXPECT_EQ(jobs.refusal(with(kRegressor, {{"mini_batch_size", "1"}}), {{"a", "5,1,2,3\n"}}),
            "accepted");
  EXPECT_EQ(jobs.refusal(kRegressor, {{"a", lines(0, 100, target) + "0,0,0,0\n"}}), "accepted");
  for (const Settings& settings : {kRegressor, kBinary, kMulticlass}) {
    std::string zeros;
    for (int row = 0; row < 60; ++row) zeros += std::to_string(row % 2) + ",0,0,0\n";
    EXPECT_EQ(jobs.refusal(settings, {{"a", zeros}}), "accepted");
  }
  JobFolder folder(with(kRegressor, {{"mini_batch_size", "2"}}));
  folder.add_channel(kCsvTrain, {{"a", "5,1\n5,1\n5,1\n5,1\n"}});
  jobs.run(folder);
  EXPECT_EQ(model_of(folder).weights[0], 0);
  EXPECT_NEAR(model_of(folder).biases[0], 5, 1e-3F);
}

TEST(Training, DivergenceIsAnErrorAndNotAModel) {
  const std::string text = jobs.refusal(with(kRegressor, {{"optimizer", "sgd"},
                                                          {"learning_rate", "1000"},
                                                          {"normalize_data", "false"},
                                                          {"normalize_label", "false"}}),
                                        {{"a", lines(0, 500, target)}});
  EXPECT_NE(text.find("Lower learning_rate"), std::string::npos) << text;
}

}  // namespace
}  // namespace millrace::linear_learner
