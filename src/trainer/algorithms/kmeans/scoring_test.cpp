#include "trainer/algorithms/kmeans/scoring.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/data/recordio_protobuf.h"
#include "core/io/file.h"
#include "trainer/algorithms/kmeans/centres.h"

namespace millrace::kmeans {
namespace {

class Scoring : public testing::Test {
 protected:
  Scoring() {
    char name[] = "/tmp/millrace-kmeans-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~Scoring() override { std::filesystem::remove_all(folder_); }

  std::string answer(const std::string& content_type, const std::string& accept,
                     const std::string& body) {
    MemorySource source(body);
    StringSink sink;
    load_scorer(folder_)->answer({.content_type = content_type, .accept = accept}, source, sink);
    return sink.text();
  }

  std::string refusal(const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
};

TEST_F(Scoring, AnswersWithTheClosestClusterAndTheDistanceInEveryForm) {
  write_model(folder_, {.features = 2, .values = {10, 0, 0, 0}});
  const std::string json = R"({"predictions":[{"closest_cluster":1.0,"distance_to_cluster":5.0},)"
                           R"({"closest_cluster":0.0,"distance_to_cluster":0.5}]})";
  EXPECT_EQ(answer("text/csv", "", "3,4\n10,0.5\n"), json);
  EXPECT_EQ(answer("application/json", "application/json",
                   R"({"instances":[{"features":[3,4]},{"data":{"features":{"keys":[0,1],)"
                   R"("shape":[2],"values":[10,0.5]}}}]})"),
            json);
  EXPECT_EQ(answer("application/jsonlines", "application/jsonlines", "{\"features\":[3,4]}\n"),
            "{\"closest_cluster\":1.0,\"distance_to_cluster\":5.0}\n");
  EXPECT_EQ(answer("text/csv", "text/csv", "3,4\n10,0.5\n"), "1.0,5.0\n0.0,0.5\n");

  StringSink rows;
  RecordIoProtobufWriter writer(rows);
  writer.write({.columns = 2, .values = {3, 4}});
  writer.write({.sparse = true, .columns = 2, .indices = {0, 1}, .values = {10, 0.5}});
  EXPECT_EQ(answer("application/x-recordio-protobuf", "", rows.text()), json);
  const std::string records = answer("text/csv", "application/x-recordio-protobuf", "3,4\n10,0\n");
  EXPECT_NE(records.find("closest_cluster"), std::string::npos);
  EXPECT_NE(records.find("distance_to_cluster"), std::string::npos);
}

TEST_F(Scoring, AnswersInTheOrderOfTheRowsWhereThereAreEnoughForSeveralThreads) {
  constexpr int kCentres = 200, kRows = 8000;
  Centres centres{.features = 1, .values = {}};
  for (int i = 0; i < kCentres; ++i) centres.values.push_back(static_cast<float>(i));
  write_model(folder_, centres);
  std::string rows, expected;
  for (int i = 0; i < kRows; ++i) {
    const std::string centre = std::to_string(i * 7 % kCentres);
    rows += centre + "\n";
    expected += centre + ".0,0.0\n";
  }
  EXPECT_EQ(answer("text/csv", "text/csv", rows), expected);
}

TEST_F(Scoring, TheModelIsOneUnnamedArray) {
  write_model(folder_, {.features = 3, .values = {1, 2, 3, 4, 5, 6}});
  const auto arrays = read_ndarray_list(read_file(folder_ / kModelFile), "model");
  ASSERT_EQ(arrays.size(), 1U);
  EXPECT_EQ(arrays[0].name, "");
  EXPECT_EQ(arrays[0].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(arrays[0].values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  const Centres read = read_model(folder_);
  EXPECT_EQ(read.count(), 2);
  EXPECT_EQ(read.values, arrays[0].values);
}

TEST_F(Scoring, RefusesModelsThatAreNone) {
  EXPECT_NE(refusal([&] { (void)read_model(folder_); }).find("model_algo-1"), std::string::npos);
  const auto written = [&](const std::vector<NamedArray>& arrays) {
    StringSink sink;
    write_ndarray_list(sink, arrays);
    write_file_durably(folder_ / kModelFile, sink.text());
    return refusal([&] { (void)read_model(folder_); });
  };
  EXPECT_NE(written({}).find("0 arrays"), std::string::npos);
  EXPECT_NE(written({{.shape = {2}, .values = {1, 2}}}).find("1 dimensions"), std::string::npos);
  EXPECT_NE(written({{.shape = {1, 1}, .values = {std::numeric_limits<float>::infinity()}}})
                .find("nan or inf"),
            std::string::npos);
  write_file_durably(folder_ / kModelFile, "nonsense");
  EXPECT_NE(refusal([&] { (void)read_model(folder_); }).find("model_algo-1"), std::string::npos);
}

TEST_F(Scoring, RefusesRowsThatHaveNoDistance) {
  write_model(folder_, {.features = 2, .values = {10, 0, 0, 0}});
  StringSink rows;
  RecordIoProtobufWriter writer(rows);
  writer.write({.columns = 2, .values = {std::numeric_limits<float>::infinity(), 4}});
  EXPECT_NE(refusal([&] { answer("application/x-recordio-protobuf", "", rows.text()); }),
            "accepted");
  EXPECT_NE(refusal([&] { answer("text/csv", "", "1,2,3\n"); }).find("expected 2"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::kmeans
