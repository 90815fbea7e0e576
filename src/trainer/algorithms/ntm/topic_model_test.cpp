#include "trainer/algorithms/ntm/topic_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"
#include "trainer/job/job_folder.h"

namespace millrace::ntm {
namespace {

/// Three words, two topics, one layer of two.
TopicModel small_model() {
  return {.words = 3,
          .topics = 2,
          .activation = Activation::Tanh,
          .encoder = {{.inputs = 3,
                       .outputs = 2,
                       .weights = {1, 0, 2, -1, 3, 0.5F},
                       .biases = {0.1F, -0.2F}}},
          .mean = {.inputs = 2, .outputs = 2, .weights = {2, 1, -1, 0.5F}, .biases = {0, 0.3F}},
          .projection = {1, 2, 3, 4, 5, 6}};
}

TabularBatch rows_of(const std::vector<std::vector<float>>& rows, bool sparse) {
  TabularBatch batch;
  batch.clear(sparse);
  for (const auto& values : rows)
    batch.append({.columns = static_cast<std::int64_t>(values.size()), .values = values});
  return batch;
}

TEST(TopicModel, WeightsFollowFromTheEncoder) {
  // x = (ln 2, 0, ln 4) / its length; h = tanh(W x + b); mu = M h + m; softmax.
  const double length = std::hypot(std::log(2), std::log(4));
  const double a = std::log(2) / length, c = std::log(4) / length;
  const double h0 = std::tanh(a + 2 * c + 0.1), h1 = std::tanh(-a + 0.5 * c - 0.2);
  const double m0 = 2 * h0 + h1, m1 = -h0 + 0.5 * h1 + 0.3;
  const std::vector<float> weights = small_model().topic_weights(rows_of({{1, 0, 3}}, false));
  EXPECT_NEAR(static_cast<double>(weights[0]), 1 / (1 + std::exp(m1 - m0)), 1e-6);
  EXPECT_NEAR(static_cast<double>(weights[0] + weights[1]), 1, 1e-6);
}

TEST(TopicModel, SparseRowsWeighAsDenseOnesAndEmptyOnesAreAnswered) {
  const std::vector<std::vector<float>> rows{{1, 0, 3}, {0, 0, 0}, {0, 5, 0}};
  const TopicModel model = small_model();
  const std::vector<float> weights = model.topic_weights(rows_of(rows, true));
  EXPECT_EQ(weights, model.topic_weights(rows_of(rows, false)));
  ASSERT_EQ(weights.size(), 6U);
  EXPECT_NEAR(static_cast<double>(weights[2] + weights[3]), 1, 1e-6);
}

TEST(TopicModel, RefusesCountsBelowZeroAndNotFinite) {
  for (const float bad : {-1.0F, NAN, INFINITY}) {
    try {
      (void)small_model().topic_weights(rows_of({{1, 0, 0}, {1, 0, bad}}, false));
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("row 2, feature 2"), std::string::npos)
          << error.what();
    }
  }
}

TEST(TopicModel, ReloadsAsItWasSaved) {
  const JobFolder folder({});
  const TopicModel model = small_model();
  write_model(folder.paths().model(), model);
  const TopicModel read = read_model(folder.paths().model());
  EXPECT_EQ(read.projection, model.projection);
  EXPECT_EQ(read.activation, model.activation);
  const TabularBatch rows = rows_of({{1, 2, 3}}, false);
  EXPECT_EQ(read.topic_weights(rows), model.topic_weights(rows));
}

TEST(TopicModel, ProjectionIsTheArrayThatPublishedNotebooksRead) {
  const JobFolder folder({});
  write_model(folder.paths().model(), small_model());
  const auto members = read_zip(read_file(folder.paths().model() / "model_algo-1"), "zip");
  const auto arrays = read_ndarray_list(members.at("params"), "params");
  EXPECT_EQ(arrays[0].name, "arg:projection_weight");
  EXPECT_EQ(arrays[0].shape, (std::vector<std::int64_t>{3, 2}));
}

TEST(TopicModel, DamagedFilesAreRefused) {
  const JobFolder folder({});
  write_model(folder.paths().model(), small_model());
  const std::filesystem::path file = folder.paths().model() / "model_algo-1";
  const auto members = read_zip(read_file(file), "zip");
  const auto refused = [&](const std::vector<ZipMember>& with) {
    write_file_durably(file, write_zip(with));
    try {
      (void)read_model(folder.paths().model());
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return true;
    }
    return false;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({{"params", members.at("params")}}));
  EXPECT_TRUE(refused({{"params", "x"}, {"meta.json", members.at("meta.json")}}));
  StringSink other;
  write_ndarray_list(
      other, {{.name = "arg:projection_weight", .shape = {3, 2}, .values = {1, 2, 3, 4, 5, 6}},
              {.name = "arg:encoder0_weight", .shape = {1, 9}, .values = std::vector<float>(9)},
              {.name = "arg:encoder0_bias", .shape = {1}, .values = {0}}});
  EXPECT_TRUE(refused({{"params", other.text()}, {"meta.json", members.at("meta.json")}}));
}

}  // namespace
}  // namespace millrace::ntm
