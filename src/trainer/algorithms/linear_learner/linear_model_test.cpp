#include "trainer/algorithms/linear_learner/linear_model.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "core/io/tar_writer.h"
#include "core/io/zip_archive.h"
#include "trainer/algorithms/linear_learner/scoring.h"

namespace millrace::linear_learner {
namespace {

class SavedModel : public testing::Test {
 protected:
  SavedModel() {
    char name[] = "/tmp/millrace-model-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~SavedModel() override { std::filesystem::remove_all(folder_); }

  std::string answer(const LinearModel& model, const std::string& rows) {
    write_model(folder_, model);
    MemorySource source(rows);
    StringSink sink;
    load_scorer(folder_)->answer({.content_type = "text/csv", .accept = ""}, source, sink);
    return sink.text();
  }

  std::filesystem::path folder_;
};

const LinearModel kBinary{.predictor = Predictor::Binary,
                          .loss = Loss::Logistic,
                          .features = 2,
                          .weights = {1, -1},
                          .biases = {0},
                          .threshold = 0.5};

TEST_F(SavedModel, ComesBackFromAnArchive) {
  write_model(folder_, kBinary);
  const std::string bytes = read_file(folder_ / kModelFile);
  {
    FdSink file(create_for_writing(folder_ / "model.tar.gz"));
    GzipSink gzip(file);
    TarWriter tar(gzip);
    MemorySource content(bytes);
    tar.add_file(kModelFile, bytes.size(), {}, content);
    tar.finish();
    gzip.finish();
  }
  const LinearModel back = read_model(folder_ / "model.tar.gz");
  EXPECT_EQ(back.weights, kBinary.weights);
  EXPECT_EQ(back.biases, kBinary.biases);
  EXPECT_EQ(back.threshold, kBinary.threshold);
  EXPECT_EQ(back.loss, kBinary.loss);
}

TEST_F(SavedModel, HoldsTheArraysThatConsumersRead) {
  write_model(folder_, kBinary);
  const auto members = read_zip(read_file(folder_ / kModelFile), "model");
  EXPECT_TRUE(members.contains("mx-mod-symbol.json"));
  const auto arrays = read_ndarray_list(members.at("mx-mod-0000.params"), "params");
  ASSERT_EQ(arrays.size(), 2U);
  EXPECT_EQ(arrays[0].name, "arg:fc0_weight");
  EXPECT_EQ(arrays[0].shape, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(arrays[1].name, "arg:fc0_bias");
}

TEST_F(SavedModel, AnswersInTheFormOfItsKind) {
  EXPECT_EQ(answer(kBinary, "1,1\n3,1\n"), R"({"predictions":[{"score":0.5,"predicted_label":0},)"
                                           R"({"score":0.8807970285415649,"predicted_label":1}]})");
  EXPECT_EQ(answer({.features = 1, .weights = {2}, .biases = {1}}, "3\n"),
            R"({"predictions":[{"score":7.0}]})");
  EXPECT_EQ(answer({.predictor = Predictor::Multiclass,
                    .loss = Loss::Softmax,
                    .features = 1,
                    .outputs = 3,
                    .weights = {0, 0, 0},
                    .biases = {0, 200, 0}},
                   "3\n"),
            R"({"predictions":[{"score":[0.0,1.0,0.0],"predicted_label":1}]})");
  // The score of a hinge loss is a margin.
  LinearModel hinge = kBinary;
  hinge.loss = Loss::Hinge;
  hinge.threshold = 0;
  EXPECT_EQ(answer(hinge, "1,3\n"), R"({"predictions":[{"score":-2.0,"predicted_label":0}]})");
}

TEST_F(SavedModel, DamageAndAbsenceAreTheCustomersToKnow) {
  EXPECT_THROW(read_model(folder_), Error);
  write_file_durably(folder_ / kModelFile, "no archive");
  EXPECT_THROW(read_model(folder_), Error);
  write_file_durably(folder_ / kModelFile, write_zip({{"other", "x"}}));
  try {
    read_model(folder_);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
  }
}

}  // namespace
}  // namespace millrace::linear_learner
