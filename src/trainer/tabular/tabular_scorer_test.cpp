#include "trainer/tabular/tabular_scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <span>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "core/data/recordio_protobuf.h"

namespace millrace {
namespace {

/// Answers with the sum of two features, and with both.
class Sums final : public TabularScorer {
 protected:
  [[nodiscard]] std::int64_t columns() const override { return 2; }
  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows, bool) const override {
    std::vector<Prediction> predictions;
    for (std::int64_t i = 0; i < rows.rows(); ++i) {
      TabularBatch dense;
      dense.clear(false);
      dense.append(rows.row(i));
      const std::vector<float>& values = dense.dense.features;
      predictions.push_back({{.name = "score", .values = {values[0] + values[1]}},
                             {.name = "both", .values = values, .list = true}});
    }
    return predictions;
  }
};

std::string answer(const std::string& content_type, const std::string& accept,
                   std::string_view body) {
  Sums scorer;
  MemorySource source(body);
  StringSink sink;
  scorer.answer({.content_type = content_type, .accept = accept}, source, sink);
  return sink.text();
}

const std::string kJson =
    R"({"predictions":[{"score":3.0,"both":[1.0,2.0]},{"score":7.0,"both":[3.0,4.0]}]})";

TEST(TabularScorer, EveryFormOfRowsGetsTheSameAnswer) {
  EXPECT_EQ(answer("text/csv", "", "1,2\n3,4\n"), kJson);
  EXPECT_EQ(answer("text/csv; label_size=1", "*/*", "9,1,2\n9,3,4"), kJson);
  EXPECT_EQ(answer("application/json", "application/json",
                   R"({"instances":[{"features":[1,2]},{"data":{"features":{"values":[3,4]}}}]})"),
            kJson);
  EXPECT_EQ(
      answer("application/json", "",
             R"({"instances":[{"data":{"features":{"keys":[0,1],"shape":[2],"values":[1,2]}}},)"
             R"({"features":[3,4]}]})"),
      kJson);
  EXPECT_EQ(answer("application/jsonlines", "",
                   "{\"features\":[1,2]}\n{\"data\":{\"features\":{\"values\":[3,4]}}}\n"),
            kJson);
  StringSink records;
  RecordIoProtobufWriter writer(records);
  writer.write({.columns = 2, .values = {1, 2}});
  writer.write({.sparse = true, .columns = 2, .indices = {0, 1}, .values = {3, 4}});
  EXPECT_EQ(answer("application/x-recordio-protobuf", "", records.text()), kJson);
}

TEST(TabularScorer, AnswersComeInEveryForm) {
  EXPECT_EQ(answer("text/csv", "application/jsonlines", "1,2\n3,4\n"),
            "{\"score\":3.0,\"both\":[1.0,2.0]}\n{\"score\":7.0,\"both\":[3.0,4.0]}\n");
  EXPECT_EQ(answer("text/csv", "text/csv", "1,2\n3,4\n"), "3.0,1.0,2.0\n7.0,3.0,4.0\n");
  const std::string records = answer("text/csv", "application/x-recordio-protobuf", "1,2\n3,4\n");
  MemorySource source(records);
  RecordIoProtobufReader reader(source, "answer", {});
  std::vector<float> scores;
  while (const RecordMessage* message = reader.next()) {
    ASSERT_EQ(message->label.size(), 2U);
    append_numbers(*find_tensor(message->label, "score"), scores);
    append_numbers(*find_tensor(message->label, "both"), scores);
  }
  EXPECT_EQ(scores, (std::vector<float>{3, 1, 2, 7, 3, 4}));
}

TEST(TabularScorer, AnEmptyRequestGetsAnEmptyAnswer) {
  EXPECT_EQ(answer("text/csv", "", ""), R"({"predictions":[]})");
  EXPECT_EQ(answer("application/jsonlines", "application/jsonlines", ""), "");
}

std::string refusal(const std::string& content_type, const std::string& accept,
                    std::string_view body) {
  try {
    answer(content_type, accept, body);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

/// Counts the rows that are summed together.
class SumsTogether final : public TabularScorer {
 public:
  mutable std::int64_t largest = 0;

 protected:
  [[nodiscard]] std::int64_t columns() const override { return 2; }
  [[nodiscard]] bool computes_together() const override { return true; }
  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool verbose) const override {
    largest = std::max(largest, rows.rows());
    std::vector<float> scratch;
    const std::span<const float> values = rows.dense_features(scratch);
    std::vector<Prediction> predictions;
    for (std::size_t i = 0; i < values.size(); i += 2) {
      if (values[i] < 0)
        throw Error(Blame::Customer, "row " + std::to_string(i / 2) + " is negative");
      predictions.push_back({{.name = "score", .values = {values[i] + values[i + 1]}}});
      if (verbose) predictions.back().push_back({.name = "first", .values = {values[i]}});
    }
    return predictions;
  }
};

/// A request whose body is read when all others are being read, too.
std::string answer_together(Scorer& scorer, std::latch& all, const std::string& accept,
                            std::string_view body) {
  struct Held final : ByteSource {
    Held(std::latch& latch, std::string_view bytes) : all(latch), source(bytes) {}
    std::size_t read(std::span<char> buffer) override {
      if (!std::exchange(held, true)) all.arrive_and_wait();
      return source.read(buffer);
    }
    std::latch& all;
    MemorySource source;
    bool held = false;
  };
  Held held(all, body);
  StringSink sink;
  try {
    scorer.answer({.content_type = "text/csv", .accept = accept}, held, sink);
  } catch (const Error& error) {
    return error.what();
  }
  return sink.text();
}

TEST(TabularScorer, ConcurrentRequestsAreComputedTogetherAndAnsweredApart) {
  SumsTogether scorer;
  scorer.serve({.batch_delay = std::chrono::hours(1)});
  std::latch all(4);
  std::string a, b, verbose, faulty;
  {
    const std::jthread first([&] { a = answer_together(scorer, all, "text/csv", "1,2\n3,4\n"); });
    const std::jthread second([&] { b = answer_together(scorer, all, "text/csv", "5,6\n"); });
    const std::jthread third(
        [&] { verbose = answer_together(scorer, all, "application/json;verbose=true", "7,8\n"); });
    const std::jthread fourth([&] { faulty = answer_together(scorer, all, "text/csv", "1,x\n"); });
  }
  EXPECT_EQ(a, "3.0\n7.0\n");
  EXPECT_EQ(b, "11.0\n");
  EXPECT_EQ(verbose, R"({"predictions":[{"score":15.0,"first":7.0}]})");
  EXPECT_NE(faulty.find("line 1, column 2"), std::string::npos) << faulty;
  EXPECT_EQ(scorer.largest, 3);
}

TEST(TabularScorer, ARowThatCannotBeComputedSpoilsNoOtherRequest) {
  SumsTogether scorer;
  scorer.serve({.batch_delay = std::chrono::hours(1)});
  std::latch all(2);
  std::string good, bad;
  {
    const std::jthread first([&] { good = answer_together(scorer, all, "text/csv", "1,2\n"); });
    const std::jthread second(
        [&] { bad = answer_together(scorer, all, "text/csv", "3,4\n-1,2\n"); });
  }
  EXPECT_EQ(good, "3.0\n");
  EXPECT_EQ(bad, "row 1 is negative");
}

TEST(TabularScorer, RefusalsNameTheRemedy) {
  EXPECT_EQ(refusal("text/csv", "", "1,2,3\n"),
            "request: got \"3 features in a row\", expected 2, as the model was trained on. If the "
            "first column is the label, say so: 'text/csv;label_size=1'.");
  EXPECT_NE(refusal("text/csv", "", "1,2\n3,x\n").find("request, line 2, column 2"),
            std::string::npos);
  EXPECT_NE(
      refusal("application/json", "", R"({"instances":[{"features":[1]}]})").find("expected 2"),
      std::string::npos);
  EXPECT_NE(refusal("image/png", "", "").find("text/csv"), std::string::npos);
  EXPECT_NE(refusal("text/csv", "image/png", "").find("Accept"), std::string::npos);
}

}  // namespace
}  // namespace millrace
