#include <gtest/gtest.h>
#include <regex.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/recordio_protobuf.h"
#include "trainer/algorithms/pca/algorithm.h"
#include "trainer/algorithms/pca/pca_model.h"
#include "trainer/algorithms/pca/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace::pca {
namespace {

using Settings = std::map<std::string, std::string>;
using Files = std::map<std::string, std::string>;

const ChannelConfig kCsvTrain{.name = "train", .content_type = "text/csv;label_size=0"};
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
  for (int i = begin; i < end; ++i) {
    std::string line;
    for (const float value : example(i))
      line += (line.empty() ? "" : ",") + number_text(static_cast<double>(value));
    text += line + "\n";
  }
  return text;
}

const Settings kRegular{{"feature_dim", "12"}, {"mini_batch_size", "50"}, {"num_components", "3"}};

Settings with(Settings settings, const Settings& changes) {
  for (const auto& [name, value] : changes) settings[name] = value;
  return settings;
}

/// Of eight columns, beside twelve features.
const Settings kRandomized =
    with(kRegular, {{"algorithm_mode", "randomized"}, {"extra_components", "1"}});

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
    files.add_channel(kCsvTrain, {{"a.csv", text.substr(0, text.find('\n', 1000) + 1)},
                                  {"b.csv", text.substr(text.find('\n', 1000) + 1)}});
    pipes.add_channel({.name = "train", .input_mode = "Pipe", .content_type = "text/csv"}, {});
    const ServedFifos fifos(pipes.paths(), "train", std::vector<std::string>(1, text));
    run(files);
    run(pipes);
    EXPECT_EQ(bytes_of(files), bytes_of(pipes));
  }
}

/// The rows as recordio-protobuf, sparse ones in a space of `width` features.
std::string protobuf(int begin, int end, bool sparse, std::int64_t width) {
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  for (int i = begin; i < end; ++i) {
    Row row{.sparse = sparse, .columns = width, .values = example(i)};
    for (std::int64_t f = 0; sparse && f < static_cast<std::int64_t>(kFeatures); ++f)
      row.indices.push_back((f + 1) * width / 13);
    writer.write(row);
  }
  return sink.text();
}

TEST(Training, ProtobufGivesTheModelThatCsvGives) {
  JobFolder csv(kRegular), records(kRegular);
  csv.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  records.add_channel({.name = "train"}, {{"a", protobuf(0, 300, false, kFeatures)}});
  run(csv);
  run(records);
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
  narrow.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  narrow.add_channel(kCsvTest, {{"a", lines(300, 400)}});
  const auto test_error = [](const std::string& log) {
    const std::string mark = "#quality_metric: host=algo-1, test mse <loss>=";
    const std::size_t at = log.find(mark) + mark.size();
    return parse_double(log.substr(at, log.find('\n', at) - at)).value_or(-1);
  };
  const double wide_error = test_error(logged(wide)), narrow_error = test_error(logged(narrow));
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
  folder.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  run(folder);
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
      folder->add_channel(kCsvTrain, {{"a", lines(0, 300)}});
      run(*folder);
    }
    EXPECT_EQ(bytes_of(a), bytes_of(again));
    EXPECT_EQ(bytes_of(a) == bytes_of(b), settings == kRegular);
  }
}

/// Both hosts of a job, in one process.
void run_two(JobFolder& first, JobFolder& second) {
  run_together({&first, &second}, [](const JobFolder& folder) { run(folder); });
}

TEST(TwoHosts, GiveTheModelOfOne) {
  for (const Settings& settings : {kRegular, kRandomized}) {
    for (const bool sharded : {false, true}) {
      JobFolder one(settings), a(settings), b(settings);
      ChannelConfig train = kCsvTrain;
      if (sharded) train.distribution = "ShardedByS3Key";
      one.add_channel(kCsvTrain, {{"a", lines(0, 410)}});
      // The second host has no more than seven rows of its own, fewer than a batch.
      a.add_channel(train, {{"a", lines(0, sharded ? 403 : 410)}});
      b.add_channel(train, {{"a", lines(sharded ? 403 : 0, 410)}});
      for (JobFolder* folder : {&one, &a, &b}) folder->add_channel(kCsvTest, {{"t", lines(0, 99)}});
      run(one);
      run_two(a, b);
      // Sums in double: what differs is the rounding of float32 within the blocks of a sketch.
      expect_close(model_of(one), model_of(a), 2e-5);
      EXPECT_TRUE(std::filesystem::is_empty(b.paths().model()));
    }
  }
}

TEST(TwoHosts, OneMayHaveNoRows) {
  JobFolder one(kRegular), a(kRegular), b(kRegular);
  one.add_channel(kCsvTrain, {{"a", lines(0, 100)}});
  a.add_channel({.name = "train",
                 .input_mode = "Pipe",
                 .distribution = "ShardedByS3Key",
                 .content_type = "text/csv"},
                {});
  b.add_channel({.name = "train", .distribution = "ShardedByS3Key", .content_type = "text/csv"},
                {{"a", lines(0, 100)}});
  const ServedFifos nothing(a.paths(), "train", {""});
  run(one);
  run_two(a, b);
  expect_close(model_of(one), model_of(a), 1e-6);
}

TEST(Training, AStopLeavesTheComponentsOfTheRowsSoFar) {
  for (const Settings& settings : {kRegular, kRandomized}) {
    JobFolder folder(settings);
    folder.add_channel({.name = "train", .input_mode = "Pipe", .content_type = "text/csv"}, {});
    std::stop_source stop;
    // A channel that delivers 200 rows and then hangs, until the stop.
    std::filesystem::create_directories(folder.paths().input_data());
    const std::string fifo = folder.paths().input_data() / "train_0";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    std::thread platform([&] {
      FdSink sink(create_for_writing(fifo));
      const std::string text = lines(0, 200);
      sink.write(text);
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      stop.request_stop();
    });
    run(folder, stop.get_token());
    platform.join();
    const PcaModel model = model_of(folder);
    EXPECT_EQ(model.features, 12);
    EXPECT_TRUE(std::isfinite(model.vectors[0]));
  }
}

TEST(Training, PublishedPatternsFindTheirFigures) {
  JobFolder folder(with(kRegular, {{"epochs", "3"}, {"mini_batch_size", "1000"}}));
  folder.add_channel(kCsvTrain, {{"a", lines(0, 300)}});
  folder.add_channel(kCsvTest, {{"a", lines(300, 400)}});
  const std::string log = logged(folder);
  for (const MetricSpec& metric : algorithm().metrics) {
    std::istringstream stream(log);
    regex_t pattern;
    ASSERT_EQ(::regcomp(&pattern, metric.regex.c_str(), REG_EXTENDED), 0) << metric.regex;
    bool found = false;
    for (std::string line; std::getline(stream, line);) {
      regmatch_t match[2];
      if (::regexec(&pattern, line.c_str(), 2, match, 0) != 0) continue;
      const auto begin = static_cast<std::size_t>(match[1].rm_so);
      found |= parse_double(line.substr(begin, static_cast<std::size_t>(match[1].rm_eo) - begin))
                   .has_value();
    }
    ::regfree(&pattern);
    EXPECT_TRUE(found) << metric.name << ": " << metric.regex;
  }
  for (const char* part :
       {"completed 100 % of epochs", R"("Algorithm":"PCA")", "#test_score (algo-1) : ('mse', ",
        "processed a total of 300 examples", "epochs 2 to 3 are not read",
        "mini_batch_size 1000 is larger than the channel, which has 300 rows",
        R"("Total Records Seen":{"count":1,"max":300.0)"}) {
    EXPECT_NE(log.find(part), std::string::npos) << part << "\n" << log;
  }
  EXPECT_EQ(log.find("Test data is not provided."), std::string::npos);
}

TEST(Training, TheTestErrorIsWhatTheWeakDirectionsHold) {
  // Four rows on the corners of a rectangle: the component is its long side, the error its short.
  JobFolder folder({{"feature_dim", "2"}, {"mini_batch_size", "4"}, {"num_components", "1"}});
  folder.add_channel(kCsvTrain, {{"a", "3,1\n3,-1\n-3,1\n-3,-1\n"}});
  folder.add_channel(kCsvTest, {{"a", "3,1\n3,-1\n-3,1\n-3,-1\n"}});
  EXPECT_NE(logged(folder).find("test mse <loss>=0.5\n"), std::string::npos);
  EXPECT_EQ(model_of(folder).vectors, (std::vector<float>{1, 0}));
  EXPECT_EQ(model_of(folder).singular_values, (std::vector<float>{6}));
}

/// What the job is refused with, "accepted" when it is not.
std::string refusal(const Settings& settings, const Files& train_files,
                    const std::string& held = {}) {
  JobFolder folder(settings);
  folder.add_channel(kCsvTrain, train_files);
  if (!held.empty()) folder.add_channel(kCsvTest, {{"t.csv", held}});
  try {
    run(folder);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(Training, RefusesWhatItCannotTrainOnAndSaysWhere) {
  const auto contains = [](const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  const Settings three{{"feature_dim", "3"}, {"mini_batch_size", "2"}, {"num_components", "2"}};
  const std::string good = "1,2,3\n4,5,7\n7,8,8\n";
  contains(refusal(three, {{"a.csv", good}, {"b.csv", "1,2,x\n"}}),
           {"channel 'train', b.csv, line 1, column 3: got \"x\""});
  contains(refusal(three, {{"a.csv", good + "1,2,\n"}}), {"a.csv, line 4, column 3"});
  contains(refusal(three, {{"a.csv", good + "1,2\n"}}), {"a.csv, line 4", "2 columns"});
  contains(refusal(three, {{"a.csv", good + "1,2,3,4\n"}}), {"a.csv, line 4", "columns"});
  contains(refusal(three, {{"a.csv", good + "1,nan,3\n"}}), {"a.csv, line 4, column 2"});
  contains(refusal(three, {{"a.csv", good + "1,-inf,3\n"}}), {"a.csv, line 4, column 2"});
  contains(refusal(three, {{"a.csv", "x,y,z\n" + good}}), {"a.csv, line 1", "header"});
  contains(refusal(three, {{"a.csv", ""}}), {"channel 'train': got \"no rows\""});
  contains(refusal(three, {}), {"channel 'train': got \"no files\""});
  contains(refusal(with(three, {{"feature_dim", "4"}}), {{"a.csv", good}}),
           {"hyperparameter 'feature_dim': got \"4\", expected 3"});
  contains(refusal(three, {{"a.csv", good}}, "1,2\n"),
           {"channel 'test': got \"2 features", "expected 3, as channel 'train' has"});
  contains(refusal(three, {{"a.csv", good}}, "1,2,3\n1,2,?\n"),
           {"channel 'test', t.csv, line 2, column 3"});
  contains(refusal(three, {{"a.csv", "1,2,3\n"}}),
           {"hyperparameter 'num_components': got \"2\", expected at most 1, the rows"});
  contains(refusal(with(three, {{"feature_dim", "10000000"}}), {{"a.csv", good}}),
           {"hyperparameter 'feature_dim'"});
}

TEST(Training, RefusesBadRecords) {
  const auto refused = [](const Row& bad) {
    StringSink sink;
    RecordIoProtobufWriter writer(sink);
    writer.write({.sparse = true, .columns = 9, .indices = {1}, .values = {1}});
    writer.write(bad);
    JobFolder folder({{"feature_dim", "9"}, {"mini_batch_size", "1"}, {"num_components", "1"}});
    folder.add_channel({.name = "train"}, {{"a.pbr", sink.text()}});
    try {
      run(folder);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return std::string(error.what());
    }
    return std::string("accepted");
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
    folder.add_channel(kCsvTrain, {{"a", rows}});
    run(folder);
    EXPECT_EQ(model_of(folder).singular_values, std::vector<float>{0}) << rows;
  }
  // A constant column has no part in any component.
  JobFolder folder(with(one, {{"num_components", "2"}}));
  folder.add_channel(kCsvTrain, {{"a", "5,1,2\n5,2,2.5\n5,7,3\n5,1,9\n"}});
  run(folder);
  EXPECT_NEAR(model_of(folder).vectors[0], 0, 1e-6F);
  EXPECT_NEAR(model_of(folder).vectors[1], 0, 1e-6F);
}

}  // namespace
}  // namespace millrace::pca
