#include "trainer/algorithms/pca/pca_model.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "trainer/algorithms/pca/scoring.h"

namespace millrace::pca {
namespace {

class SavedModel : public testing::Test {
 protected:
  SavedModel() {
    char name[] = "/tmp/millrace-model-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~SavedModel() override { std::filesystem::remove_all(folder_); }

  std::string answer(const PcaModel& model, const std::string& accept, const std::string& type,
                     const std::string& body) {
    write_model(folder_, model);
    MemorySource source(body);
    StringSink sink;
    load_scorer(folder_)->answer({.content_type = type, .accept = accept}, source, sink);
    return sink.text();
  }

  std::filesystem::path folder_;
};

/// The weaker component is the second feature, the stronger one the first.
const PcaModel kModel{.features = 3,
                      .components = 2,
                      .vectors = {0, 1, 1, 0, 0, 0},
                      .singular_values = {2, 5},
                      .mean = {10, 20, 30}};

TEST_F(SavedModel, HoldsTheArraysThatConsumersRead) {
  write_model(folder_, kModel);
  const auto arrays = read_ndarray_list(read_file(folder_ / kModelFile), kModelFile);
  ASSERT_EQ(arrays.size(), 3U);
  EXPECT_EQ(arrays[0].name, "v");
  EXPECT_EQ(arrays[0].shape, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(arrays[1].name, "s");
  EXPECT_EQ(arrays[1].shape, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(arrays[2].name, "mean");
  EXPECT_EQ(arrays[2].shape, (std::vector<std::int64_t>{1, 3}));
}

TEST_F(SavedModel, ComesBack) {
  for (const bool centred : {true, false}) {
    PcaModel model = kModel;
    if (!centred) model.mean.clear();
    write_model(folder_, model);
    const PcaModel back = read_model(folder_);
    EXPECT_EQ(back.vectors, model.vectors);
    EXPECT_EQ(back.singular_values, model.singular_values);
    EXPECT_EQ(back.mean, model.mean);
    EXPECT_EQ(back.features, 3);
    EXPECT_EQ(back.components, 2);
  }
}

TEST_F(SavedModel, AnswersWithProjectionsTheStrongestLast) {
  EXPECT_EQ(answer(kModel, "application/json", "text/csv", "11,22,33\n10,20,30\n"),
            R"({"projections":[{"projection":[2.0,1.0]},{"projection":[0.0,0.0]}]})");
  EXPECT_EQ(answer(kModel, "application/jsonlines", "application/json",
                   R"({"instances":[{"features":[11,22,33]}]})"),
            "{\"projection\":[2.0,1.0]}\n");
}

TEST_F(SavedModel, WithoutAMeanProjectsTheRowItself) {
  PcaModel model = kModel;
  model.mean.clear();
  EXPECT_EQ(answer(model, "application/json", "text/csv", "11,22,33\n"),
            R"({"projections":[{"projection":[22.0,11.0]}]})");
}

TEST_F(SavedModel, ASingleComponentIsAListToo) {
  const PcaModel model{
      .features = 1, .components = 1, .vectors = {1}, .singular_values = {1}, .mean = {1}};
  EXPECT_EQ(answer(model, "application/json", "text/csv", "3\n"),
            R"({"projections":[{"projection":[2.0]}]})");
}

TEST(PcaModel, SparseRowsProjectAsDenseOnesDo) {
  TabularBatch dense, sparse;
  dense.clear(false);
  sparse.clear(true);
  for (const std::vector<float>& row : {std::vector<float>{0, 22, 0}, {11, 0, 33}, {0, 0, 0}}) {
    dense.append({.columns = 3, .values = row});
    sparse.append({.columns = 3, .values = row});
  }
  EXPECT_EQ(kModel.project(sparse), kModel.project(dense));
}

TEST_F(SavedModel, DamageAndAbsenceAreTheCustomersToKnow) {
  EXPECT_THROW(read_model(folder_), Error);
  write_file_durably(folder_ / kModelFile, "no arrays");
  EXPECT_THROW(read_model(folder_), Error);
  StringSink short_of_values;
  write_ndarray_list(short_of_values, {{.name = "v", .shape = {3, 2}, .values = kModel.vectors},
                                       {.name = "s", .shape = {1}, .values = {1}}});
  write_file_durably(folder_ / kModelFile, short_of_values.text());
  try {
    read_model(folder_);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
  }
}

}  // namespace
}  // namespace millrace::pca
