#include "core/data/csv_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/data/csv_cutter.h"

namespace millrace {
namespace {

/// Gives at most `step` bytes per read, as a FIFO may.
class Trickle final : public ByteSource {
 public:
  Trickle(std::string_view text, std::size_t step) : rest_(text), step_(step) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = std::min({buffer.size(), rest_.size(), step_});
    std::memcpy(buffer.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t step_;
};

/// `text`, then what a connection does that breaks off.
class Breaking final : public ByteSource {
 public:
  explicit Breaking(std::string_view text) : text_(text) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t got = text_.read(buffer);
    if (got == 0) throw Error(Blame::Platform, "the stream broke off");
    return got;
  }

 private:
  MemorySource text_;
};

/// One digit for ever.
class Endless final : public ByteSource {
 public:
  std::size_t read(std::span<char> buffer) override {
    std::memset(buffer.data(), '7', buffer.size());
    return buffer.size();
  }
};

std::vector<CsvPath> paths() {
  std::vector<CsvPath> result;
  for (const CsvPath path : {CsvPath::Portable, CsvPath::Avx2, CsvPath::Avx512})
    if (can_run(path)) result.push_back(path);
  return result;
}

/// Everything a stream holds, read in batches of `rows`.
DenseBatch read_all_rows(CsvReader& csv, std::int64_t rows = 1000) {
  DenseBatch all, batch;
  while (csv.read(batch, rows)) {
    EXPECT_LE(batch.rows, rows);
    all.rows += batch.rows;
    all.columns = batch.columns;
    all.label_columns = batch.label_columns;
    all.features.insert(all.features.end(), batch.features.begin(), batch.features.end());
    all.labels.insert(all.labels.end(), batch.labels.begin(), batch.labels.end());
  }
  EXPECT_EQ(all.features.size(), static_cast<std::size_t>(all.rows * all.columns));
  EXPECT_EQ(all.labels.size(), static_cast<std::size_t>(all.rows * all.label_columns));
  return all;
}

DenseBatch parse(std::string_view text, const CsvOptions& options = {}) {
  MemorySource source(text);
  CsvReader csv(source, "train.csv", options);
  return read_all_rows(csv);
}

/// What a customer is told about `text`: the same on every path, with one thread and with two.
std::string refusal(std::string_view text, CsvOptions options = {}) {
  std::string told;
  for (const CsvPath path : paths()) {
    for (const int threads : {1, 2}) {
      options.path = path;
      options.threads = threads;
      try {
        parse(text, options);
        ADD_FAILURE() << "accepted: " << text.substr(0, 80);
      } catch (const Error& error) {
        EXPECT_EQ(error.blame(), Blame::Customer);
        if (!told.empty()) EXPECT_EQ(error.what(), told);
        told = error.what();
      }
    }
  }
  return told;
}

TEST(CsvReader, LabelsComeFirstAndFeaturesAfterThem) {
  const DenseBatch batch = parse("1,2.5,3\n-4,5e1,.5\n");
  EXPECT_EQ(batch.rows, 2);
  EXPECT_EQ(batch.label_columns, 1);
  EXPECT_EQ(batch.columns, 2);
  EXPECT_EQ(batch.labels, (std::vector<float>{1, -4}));
  EXPECT_EQ(batch.features, (std::vector<float>{2.5, 3, 50, 0.5}));
}

TEST(CsvReader, LabelSizeSaysHowManyColumnsAreLabels) {
  const DenseBatch none = parse("1,2\n3,4\n", {.label_size = 0});
  EXPECT_TRUE(none.labels.empty());
  EXPECT_EQ(none.features, (std::vector<float>{1, 2, 3, 4}));
  const DenseBatch two = parse("1,2,3\n4,5,6\n", {.label_size = 2});
  EXPECT_EQ(two.labels, (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(two.features, (std::vector<float>{3, 6}));
}

TEST(CsvReader, ResultDoesNotDependOnHowTheStreamIsCut) {
  const std::string text = "1,2.5\r\n\n-3e2,4\n5,6";
  for (const CsvPath path : paths()) {
    for (std::size_t step = 1; step <= text.size(); ++step) {
      Trickle source(text, step);
      CsvReader csv(source, "train.csv", {.path = path});
      const DenseBatch batch = read_all_rows(csv);
      EXPECT_EQ(batch.labels, (std::vector<float>{1, -300, 5})) << "step " << step;
      EXPECT_EQ(batch.features, (std::vector<float>{2.5, 4, 6})) << "step " << step;
    }
  }
}

TEST(CsvReader, AnEmptyStreamHasNoRows) {
  EXPECT_EQ(parse("").rows, 0);
  EXPECT_EQ(parse("\n\r\n  \n").rows, 0);
}

TEST(CsvReader, AHeaderRowIsRefused) {
  EXPECT_EQ(
      refusal("label,age\n1,2\n"),
      "train.csv, line 1, column 1: got \"label\", expected a number. CSV for SageMaker has no "
      "header row: if this line holds column names, delete it.");
}

TEST(CsvReader, ARaggedRowIsRefused) {
  EXPECT_EQ(refusal("1,2\n3,4,5\n"),
            "train.csv, line 2, column 3: got \"3 columns\", expected 2 columns, as every row of "
            "the channel has. Remove what stands after column 2.");
}

}  // namespace
}  // namespace millrace
