#include <gtest/gtest.h>
#include <regex.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/recordio_protobuf.h"
#include "trainer/algorithms/linear_learner/algorithm.h"
#include "trainer/algorithms/linear_learner/linear_model.h"
#include "trainer/algorithms/linear_learner/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace::linear_learner {
namespace {

using Settings = std::map<std::string, std::string>;
using Files = std::map<std::string, std::string>;

const ChannelConfig kCsvTrain{.name = "train", .content_type = "text/csv"};

/// Row i of a table that a linear model explains: y = 3 a - 2 b + 5.
struct Example {
  float a, b;
  [[nodiscard]] float target() const { return 3 * a - 2 * b + 5; }
};
Example example(int i) {
  return {static_cast<float>(i * 37 % 101) / 10, static_cast<float>(i * 53 % 97) / 10 + 100};
}

/// Lines "label,a,b,7" of rows [begin, end); the last feature never varies.
std::string lines(int begin, int end, float (*label)(const Example&)) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    const Example e = example(i);
    text += number_text(static_cast<double>(label(e))) + "," +
            number_text(static_cast<double>(e.a)) + "," + number_text(static_cast<double>(e.b)) +
            ",7\n";
  }
  return text;
}

float target(const Example& e) {
  return e.target();
}
float is_large(const Example& e) {
  return e.target() > -190 ? 1.0F : 0.0F;
}
float third(const Example& e) {
  return e.a < 3 ? 0.0F : e.a < 7 ? 1.0F : 2.0F;
}

const Settings kRegressor{{"predictor_type", "regressor"},
                          {"mini_batch_size", "50"},
                          {"num_models", "4"},
                          {"epochs", "20"}};
const Settings kBinary{{"predictor_type", "binary_classifier"},
                       {"mini_batch_size", "50"},
                       {"num_models", "4"},
                       {"epochs", "20"}};
const Settings kMulticlass{{"predictor_type", "multiclass_classifier"},
                           {"num_classes", "3"},
                           {"mini_batch_size", "50"},
                           {"num_models", "4"},
                           {"epochs", "20"}};

Settings with(Settings settings, const Settings& changes) {
  for (const auto& [name, value] : changes) settings[name] = value;
  return settings;
}

void run(const JobFolder& folder, std::stop_token stop = {}) {
  Job job(folder.paths(), std::move(stop));
  algorithm().check(job);
  train(job);
}

std::string logged(const JobFolder& folder) {
  testing::internal::CaptureStdout();
  run(folder);
  return testing::internal::GetCapturedStdout();
}

LinearModel model_of(const JobFolder& folder) {
  return read_model(folder.paths().model());
}

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
  run(folder);
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
  files.add_channel(kCsvTrain, {{"a.csv", text.substr(0, text.find('\n', 1000) + 1)},
                                {"b.csv", text.substr(text.find('\n', 1000) + 1)}});
  files.add_channel({.name = "validation", .content_type = "text/csv"}, {{"a.csv", held}});
  for (const char* name : {"train", "validation"})
    pipes.add_channel({.name = name, .input_mode = "Pipe", .content_type = "text/csv"}, {});
  const ServedFifos train_fifos(pipes.paths(), "train", std::vector<std::string>(4, text));
  const ServedFifos held_fifos(pipes.paths(), "validation", std::vector<std::string>(4, held));
  run(files);
  run(pipes);
  EXPECT_EQ(read_file(files.paths().model() / kModelFile),
            read_file(pipes.paths().model() / kModelFile));
}

/// The rows as recordio-protobuf, sparse ones in a space of `width` features.
std::string protobuf(int begin, int end, bool sparse, std::int64_t width) {
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  for (int i = begin; i < end; ++i) {
    const Example e = example(i);
    Row row{.labels = {target(e)}, .sparse = sparse, .columns = width};
    if (sparse) row.indices = {1, width / 2, width - 1};
    row.values = {e.a, e.b, 7};
    writer.write(row);
  }
  return sink.text();
}

TEST(Training, ProtobufGivesTheModelThatCsvGives) {
  JobFolder csv(kRegressor), records(kRegressor);
  csv.add_channel(kCsvTrain, {{"a", lines(0, 300, target)}});
  records.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, 3)}});
  run(csv);
  run(records);
  EXPECT_EQ(read_file(csv.paths().model() / kModelFile),
            read_file(records.paths().model() / kModelFile));
}

TEST(Training, SparseRowsOfManyFeaturesStaySparse) {
  constexpr std::int64_t kWidth = 200'000;
  JobFolder folder(with(kRegressor, {{"num_models", "1"}, {"epochs", "30"}}));
  folder.add_channel({.name = "train"}, {{"a", protobuf(0, 300, true, kWidth)}});
  run(folder);
  const LinearModel model = model_of(folder);
  EXPECT_EQ(model.features, kWidth);
  EXPECT_NEAR(model.weights[1], 3, 0.2F);
  EXPECT_NEAR(model.weights[kWidth / 2], -2, 0.2F);
  EXPECT_EQ(model.weights[5], 0);
}

/// Both hosts of a job, in one process.
void run_two(const JobFolder& first, const JobFolder& second) {
  run_together({&first, &second}, [](const JobFolder& folder) { run(folder); });
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
    run(one);
    run_two(a, b);
    expect_close(model_of(one), model_of(a));
    EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
  }
}

TEST(Training, AStopLeavesAModelThatScores) {
  // Stopped from another thread, at some moment of a run that would take long.
  JobFolder folder(with(kBinary, {{"epochs", "100000"}, {"early_stopping_patience", "1000000"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 300, is_large)}});
  std::stop_source stop;
  std::thread later([&] {
    while (std::filesystem::is_empty(folder.paths().config())) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  run(folder, stop.get_token());
  later.join();
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
  run(unbroken);
  run(broken);
  write_file_durably(broken.paths().hyperparameters(),
                     hyperparameters_json(with(settings, {{"epochs", "6"}})));
  const std::string log = logged(broken);
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
    log += logged(folder);
  }
  std::vector<std::string> all;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("#metrics")) continue;
    all.push_back(line);
  }
  for (const MetricSpec& metric : algorithm().metrics) {
    regex_t pattern;
    ASSERT_EQ(::regcomp(&pattern, metric.regex.c_str(), REG_EXTENDED), 0) << metric.regex;
    const bool found = std::any_of(all.begin(), all.end(), [&](const std::string& line) {
      regmatch_t match[2];
      if (::regexec(&pattern, line.c_str(), 2, match, 0) != 0) return false;
      const auto begin = static_cast<std::size_t>(match[1].rm_so);
      return parse_double(line.substr(begin, static_cast<std::size_t>(match[1].rm_eo) - begin))
          .has_value();
    });
    ::regfree(&pattern);
    EXPECT_TRUE(found) << metric.name << ": " << metric.regex;
  }
  EXPECT_NE(log.find("completed 50 % of epochs"), std::string::npos);
  EXPECT_NE(log.find(R"("Algorithm":"Linear Learner")"), std::string::npos);
  EXPECT_NE(log.find("#validation_score (algo-1) : ('roc_auc_score', "), std::string::npos);
  EXPECT_NE(log.find("criteria=sampled_accuracy, value="), std::string::npos);
}

/// What the job is refused with, "accepted" when it is not.
std::string refusal(const Settings& settings, const Files& train_files,
                    const std::string& held = {}) {
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, train_files);
  if (!held.empty())
    folder.add_channel({.name = "test", .content_type = "text/csv"}, {{"t.csv", held}});
  try {
    run(folder);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const std::string good = lines(0, 100, is_large), real = lines(0, 100, target);
  const auto contains = [](const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  contains(refusal(kBinary, {{"a.csv", good}, {"b.csv", "1,2,3,7\n\n2,2,3,7\n"}}),
           {"channel 'train', b.csv, line 3, column 1: got \"label 2\", expected 0 or 1"});
  contains(refusal(kMulticlass, {{"a.csv", lines(0, 100, third) + "3,1,1,7\n"}}),
           {"a.csv, line 101, column 1: got \"label 3\"", "from 0 to 2", "num_classes is 3"});
  contains(refusal(kMulticlass, {{"a.csv", lines(0, 100, third) + "0.5,1,1,7\n"}}),
           {"got \"label 0.5\""});
  contains(refusal(kRegressor, {{"a.csv", real + "1,2,x,7\n"}}),
           {"channel 'train', a.csv, line 101, column 3: got \"x\""});
  contains(refusal(kRegressor, {{"a.csv", real + "1,2,,7\n"}}), {"a.csv, line 101, column 3"});
  contains(refusal(kRegressor, {{"a.csv", real + "1,2\n"}}), {"a.csv, line 101", "2 columns"});
  contains(refusal(kRegressor, {{"a.csv", real + "1,2,nan,7\n"}}), {"a.csv, line 101, column 3"});
  contains(refusal(kRegressor, {{"a.csv", real + "1,2,inf,7\n"}}), {"a.csv, line 101, column 3"});
  contains(refusal(kRegressor, {{"a.csv", "y,a,b,c\n" + real}}), {"a.csv, line 1", "header"});
  contains(refusal(kRegressor, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  contains(refusal(kRegressor, {}), {"channel 'train': got \"no files\""});
  contains(refusal(kBinary, {{"a.csv", lines(0, 100, [](const Example&) { return 1.0F; })}}),
           {"channel 'train': got \"label 1 in every row\""});
  contains(refusal(with(kRegressor, {{"mini_batch_size", "101"}}), {{"a.csv", real}}),
           {"hyperparameter 'mini_batch_size': got \"101\", expected at most 100"});
  contains(refusal(with(kRegressor, {{"feature_dim", "4"}}), {{"a.csv", real}}),
           {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  contains(refusal(kRegressor, {{"a.csv", real}}, "1,2,3\n"),
           {"channel 'test': got \"2 features", "expected 3, as channel 'train' has"});
  contains(refusal(kBinary, {{"a.csv", good}}, "7,1,2,7\n"),
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
  try {
    run(folder);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(Training, SaysTheSameOfAPipe) {
  const ChannelConfig csv{.content_type = "text/csv"};
  const std::string good = lines(0, 100, is_large), real = lines(0, 100, target);
  EXPECT_EQ(piped_refusal(kBinary, csv, good + "\n2,2,3,7\n"),
            "channel 'train', epoch 0, line 102, column 1: got \"label 2\", expected 0 or 1, "
            "because predictor_type is binary_classifier. Write the negative class as 0 and the "
            "positive class as 1.");
  const auto contains = [](const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  contains(piped_refusal(kRegressor, csv, real + "1,x,2,7\n"),
           {"channel 'train', epoch ", ", line 101, column 2: got \"x\""});
  contains(piped_refusal(kRegressor, csv, real + "1,2,7\n"),
           {", line 101, column 4: got \"3 columns\", expected 4 columns"});
  contains(piped_refusal(kRegressor, csv, ""), {"channel 'train': got \"no rows\""});
  contains(piped_refusal(with(kRegressor, {{"feature_dim", "4"}}), csv, real),
           {"epoch 0, line 1: got \"3 features\", expected 4, as feature_dim", "leave it out."});
  contains(piped_refusal(with(kRegressor, {{"mini_batch_size", "101"}}), csv, real),
           {"hyperparameter 'mini_batch_size': got \"101\", expected at most 100", "Lower"});
  contains(piped_refusal(kBinary, csv, lines(0, 100, [](const Example&) { return 0.0F; })),
           {"got \"label 0 in every row\"", "Add rows of the other class"});
}

TEST(Training, RefusesRecordsThatHoldNoNumbersOrOthersThanThisJobs) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const auto records = [](const Row& last, int before) {
    StringSink sink;
    RecordIoProtobufWriter writer(sink);
    for (int i = 0; i < before; ++i)
      writer.write({.labels = {static_cast<float>(i % 2)}, .columns = 2, .values = {1, 2}});
    writer.write(last);
    return sink.text();
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
  const auto refused = [](Row bad) {
    StringSink sink;
    RecordIoProtobufWriter writer(sink);
    writer.write({.labels = {1}, .sparse = true, .columns = 9, .indices = {1}, .values = {1}});
    writer.write(bad);
    JobFolder folder(with(kRegressor, {{"mini_batch_size", "1"}}));
    folder.add_channel({.name = "train"}, {{"a.pbr", sink.text()}});
    try {
      run(folder);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
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
  EXPECT_EQ(refusal(with(kRegressor, {{"mini_batch_size", "1"}}), {{"a", "5,1,2,3\n"}}),
            "accepted");
  EXPECT_EQ(refusal(kRegressor, {{"a", lines(0, 100, target) + "0,0,0,0\n"}}), "accepted");
  for (const Settings& settings : {kRegressor, kBinary, kMulticlass}) {
    std::string zeros;
    for (int row = 0; row < 60; ++row) zeros += std::to_string(row % 2) + ",0,0,0\n";
    EXPECT_EQ(refusal(settings, {{"a", zeros}}), "accepted");
  }
  JobFolder folder(with(kRegressor, {{"mini_batch_size", "2"}}));
  folder.add_channel(kCsvTrain, {{"a", "5,1\n5,1\n5,1\n5,1\n"}});
  run(folder);
  EXPECT_EQ(model_of(folder).weights[0], 0);
  EXPECT_NEAR(model_of(folder).biases[0], 5, 1e-3F);
}

TEST(Training, AJobOfATuningJobTrainsOneModel) {
  JobFolder folder(
      with({{"predictor_type", "regressor"}, {"mini_batch_size", "50"}, {"epochs", "1"}},
           {{"_tuning_objective_metric", "validation:mse"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 100, target)}});
  const std::string log = logged(folder);
  EXPECT_NE(log.find(R"("model":0)"), std::string::npos);
  EXPECT_EQ(log.find(R"("model":1)"), std::string::npos);
}

TEST(Training, DivergenceIsAnErrorAndNotAModel) {
  const std::string text = refusal(with(kRegressor, {{"optimizer", "sgd"},
                                                     {"learning_rate", "1000"},
                                                     {"normalize_data", "false"},
                                                     {"normalize_label", "false"}}),
                                   {{"a", lines(0, 500, target)}});
  EXPECT_NE(text.find("Lower learning_rate"), std::string::npos) << text;
}

}  // namespace
}  // namespace millrace::linear_learner
