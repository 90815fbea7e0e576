#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "trainer/algorithms/linear_learner/tensors/line_jobs_for_test.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace::linear_learner {
namespace {

/// Of the model on rows [0, 200): mean squared error, or share of right labels.
double error_on(const LinearModel& model, float (*label)(const Example&)) {
  TabularBatch batch;
  batch.clear(false);
  for (int i = 0; i < 200; ++i) {
    const Example e = example(i);
    batch.append({.labels = {label(e)}, .columns = 3, .values = {e.a, e.b, 7}});
  }
  std::vector<float> scores = model.raw_scores(batch);
  answer_scores(model.loss, model.outputs, scores);
  double sum = 0;
  for (std::size_t r = 0; r < 200; ++r) {
    const auto wide = static_cast<std::size_t>(model.outputs);
    const float* const row = scores.data() + r * wide;
    if (model.predictor == Predictor::Regressor) {
      sum += std::pow(static_cast<double>(row[0] - batch.labels()[r]), 2);
    } else {
      const float taken = model.predictor == Predictor::Multiclass
                              ? static_cast<float>(predicted_class({row, wide}))
                          : static_cast<double>(row[0]) > model.threshold ? 1.0F
                                                                          : 0.0F;
      sum += taken == batch.labels()[r] ? 0 : 1;
    }
  }
  return sum / 200;
}

double trained_error(const Settings& settings, float (*label)(const Example&)) {
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, {{"a.csv", lines(0, 1000, label)}});
  jobs.run(folder);
  return error_on(model_of(folder), label);
}

TEST(Training, LearnsWhatIsLinear) {
  EXPECT_LT(trained_error(kRegressor, target), 0.05);
  EXPECT_LT(trained_error(kBinary, is_large), 0.03);
  EXPECT_LT(trained_error(with(kMulticlass, {{"epochs", "60"}, {"early_stopping_patience", "99"}}),
                          third),
            0.06);
}

TEST(Training, EveryLossOfARegressorFindsTheLine) {
  for (const char* loss : {"absolute_loss", "eps_insensitive_squared_loss",
                           "eps_insensitive_absolute_loss", "quantile_loss", "huber_loss"}) {
    EXPECT_LT(trained_error(with(kRegressor, {{"loss", loss}}), target), 1.5) << loss;
  }
  EXPECT_LT(trained_error(with(kBinary, {{"loss", "hinge_loss"}}), is_large), 0.03);
}

TEST(Training, EveryOptimizerAndStartFindsTheLine) {
  for (const char* optimizer : {"sgd", "adam", "rmsprop"}) {
    EXPECT_LT(trained_error(with(kRegressor, {{"optimizer", optimizer}, {"init_method", "normal"}}),
                            target),
              0.5)
        << optimizer;
  }
}

TEST(Training, WithoutScalingTheModelIsStillOfRawFeatures) {
  const Settings plain{{"normalize_data", "false"},
                       {"normalize_label", "false"},
                       {"epochs", "40"},
                       {"early_stopping_patience", "99"}};
  EXPECT_LT(trained_error(with(kRegressor, plain), target), 10);
}

TEST(Training, FilesAndFifosGiveTheSameModel) {
  const std::string text = lines(0, 300, is_large), held = lines(300, 400, is_large);
  const Settings settings = with(kBinary, {{"epochs", "3"}});
  JobFolder files(settings), pipes(settings);
  files.add_channel(kCsvTrain, two_files(text, 1000));
  files.add_channel({.name = "validation", .content_type = "text/csv"}, {{"a.csv", held}});
  for (const char* name : {"train", "validation"})
    pipes.add_channel({.name = name, .input_mode = "Pipe", .content_type = "text/csv"}, {});
  const ServedFifos train_fifos(pipes.paths(), "train", std::vector<std::string>(4, text));
  const ServedFifos held_fifos(pipes.paths(), "validation", std::vector<std::string>(4, held));
  jobs.run(files);
  jobs.run(pipes);
  EXPECT_EQ(read_file(files.paths().model() / kModelFile),
            read_file(pipes.paths().model() / kModelFile));
}

/// The rows as recordio-protobuf, sparse ones in a space of `width` features.
std::string protobuf(int begin, int end, bool sparse, std::int64_t width) {
  std::vector<Row> rows;
  for (int i = begin; i < end; ++i) {
    const Example e = example(i);
    Row row{.labels = {target(e)}, .sparse = sparse, .columns = width};
    if (sparse) row.indices = {1, width / 2, width - 1};
    row.values = {e.a, e.b, 7};
    rows.push_back(std::move(row));
  }
  return recordio_protobuf(rows);
}

TEST(Training, ProtobufGivesTheModelThatCsvGives) {
  JobFolder csv(kRegressor), records(kRegressor);
  csv.add_channel(kCsvTrain, {{"a", lines(0, 300, target)}});
  records.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, 3)}});
  jobs.run(csv);
  jobs.run(records);
  EXPECT_EQ(read_file(csv.paths().model() / kModelFile),
            read_file(records.paths().model() / kModelFile));
}

TEST(Training, SparseRowsOfManyFeaturesStaySparse) {
  constexpr std::int64_t kWidth = 200'000;
  JobFolder folder(with(kRegressor, {{"num_models", "1"}, {"epochs", "30"}}));
  folder.add_channel({.name = "train"}, {{"a", protobuf(0, 300, true, kWidth)}});
  jobs.run(folder);
  const LinearModel model = model_of(folder);
  EXPECT_EQ(model.features, kWidth);
  EXPECT_NEAR(model.weights[1], 3, 0.2F);
  EXPECT_NEAR(model.weights[kWidth / 2], -2, 0.2F);
  EXPECT_EQ(model.weights[5], 0);
}

void expect_close(const LinearModel& a, const LinearModel& b) {
  ASSERT_EQ(a.weights.size(), b.weights.size());
  for (std::size_t i = 0; i < a.weights.size(); ++i)
    EXPECT_NEAR(a.weights[i], b.weights[i], 1e-3F * std::max(1.0F, std::abs(a.weights[i]))) << i;
  EXPECT_NEAR(a.biases[0], b.biases[0], 1e-3F * std::max(1.0F, std::abs(a.biases[0])));
  EXPECT_NEAR(a.threshold, b.threshold, 1e-3);
}

TEST(TwoHosts, WithHalfTheBatchGiveTheModelOfOne) {
  const ChannelConfig held{.name = "validation", .content_type = "text/csv"};
  for (const bool sharded : {false, true}) {
    JobFolder one(with(kBinary, {{"epochs", "3"}})),
        a(with(kBinary, {{"epochs", "3"}, {"mini_batch_size", "25"}})),
        b(with(kBinary, {{"epochs", "3"}, {"mini_batch_size", "25"}}));
    // Shards whose batches of 25 are the halves of one host's batches of 50; the hosts then also
    // have unequal numbers of batches.
    std::string whole, halves[2];
    for (int begin = 0; begin < 410; begin += 50) {
      const int middle = std::min(begin + 25, 410), end = std::min(begin + 50, 410);
      halves[0] += lines(begin, middle, is_large);
      halves[1] += lines(middle, end, is_large);
    }
    whole = lines(0, 410, is_large);
    ChannelConfig train = kCsvTrain;
    if (sharded) train.distribution = "ShardedByS3Key";
    one.add_channel(kCsvTrain, {{"a", whole}});
    a.add_channel(train, {{"a", sharded ? halves[0] : whole}});
    b.add_channel(train, {{"a", sharded ? halves[1] : whole}});
    for (JobFolder* folder : {&one, &a, &b})
      folder->add_channel(held, {{"a", lines(500, 600, is_large)}});
    jobs.run(one);
    run_together({&a, &b}, jobs);
    expect_close(model_of(one), model_of(a));
    EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
  }
}

TEST(Training, AStopLeavesAModelThatScores) {
  JobFolder folder(with(kBinary, {{"epochs", "100000"}, {"early_stopping_patience", "1000000"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 300, is_large)}});
  const StopSoon stop;
  jobs.run(folder, stop.token());
  EXPECT_EQ(model_of(folder).features, 3);
}

TEST(Training, GoesOnFromACheckpointToTheModelOfAnUnbrokenRun) {
  const Settings settings = with(kBinary, {{"early_stopping_patience", "99"}});
  JobFolder unbroken(with(settings, {{"epochs", "6"}})), broken(with(settings, {{"epochs", "4"}}));
  for (JobFolder* folder : {&unbroken, &broken}) {
    folder->add_channel(kCsvTrain, {{"a", lines(0, 300, is_large)}});
    folder->add_channel({.name = "validation", .content_type = "text/csv"},
                        {{"a", lines(300, 400, is_large)}});
  }
  std::filesystem::create_directories(broken.paths().checkpoints());
  jobs.run(unbroken);
  jobs.run(broken);
  write_file_durably(broken.paths().hyperparameters(),
                     hyperparameters_json(with(settings, {{"epochs", "6"}})));
  const std::string log = jobs.logged(broken);
  EXPECT_NE(log.find("Resuming from a checkpoint after epoch 3"), std::string::npos);
  EXPECT_EQ(log.find("epoch=3, train"), std::string::npos);
  EXPECT_EQ(read_file(unbroken.paths().model() / kModelFile),
            read_file(broken.paths().model() / kModelFile));
}

TEST(Training, PublishedPatternsFindTheirFigures) {
  std::string log;
  for (const auto& [settings, label] :
       {std::pair{kRegressor, &target}, {kBinary, &is_large}, {kMulticlass, &third}}) {
    JobFolder folder(with(settings, {{"epochs", "2"}}));
    for (const char* name : {"train", "validation", "test"}) {
      folder.add_channel({.name = name, .content_type = "text/csv"}, {{"a", lines(0, 300, label)}});
    }
    log += jobs.logged(folder);
  }
  expect_patterns_find_figures(algorithm(), log);
  EXPECT_NE(log.find("completed 50 % of epochs"), std::string::npos);
  EXPECT_NE(log.find(R"("Algorithm":"Linear Learner")"), std::string::npos);
  EXPECT_NE(log.find("#validation_score (algo-1) : ('roc_auc_score', "), std::string::npos);
  EXPECT_NE(log.find("criteria=sampled_accuracy, value="), std::string::npos);
}

TEST(Training, AJobOfATuningJobTrainsOneModel) {
  JobFolder folder(
      with({{"predictor_type", "regressor"}, {"mini_batch_size", "50"}, {"epochs", "1"}},
           {{"_tuning_objective_metric", "validation:mse"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 100, target)}});
  const std::string log = jobs.logged(folder);
  EXPECT_NE(log.find(R"("model":0)"), std::string::npos);
  EXPECT_EQ(log.find(R"("model":1)"), std::string::npos);
}

}  // namespace
}  // namespace millrace::linear_learner
