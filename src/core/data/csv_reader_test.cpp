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
        if (!told.empty()) {
          EXPECT_EQ(error.what(), told);
        }
        told = error.what();
      }
    }
  }
  return told;
}

// docs/reference/formats/csv.md: "Labels come first and features after them."
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

// docs/reference/formats/csv.md: "Lines end with LF or CRLF; the last line of a file may lack its
// end. Blank lines are skipped."
TEST(CsvReader, LineEndsMayBeWindowsOrUnixAndTheLastMayBeMissing) {
  for (const char* text : {"1,2\n3,4\n", "1,2\r\n3,4\r\n", "1,2\n3,4", "1,2\r\n3,4\r",
                           "\n1,2\n\n\r\n3,4\n\n", "  \n1,2\n\t\n3,4", " 1 ,\t2\n3, 4 \r\n",
                           "\xEF\xBB\xBF"
                           "1,2\n3,4\n"}) {
    for (const CsvPath path : paths()) {
      const DenseBatch batch = parse(text, {.label_size = 0, .path = path});
      EXPECT_EQ(batch.features, (std::vector<float>{1, 2, 3, 4})) << text;
    }
  }
}

TEST(CsvReader, AnEmptyStreamHasNoRows) {
  for (const char* text : {"", "\n", "\n\r\n  \n", "\xEF\xBB\xBF"}) {
    MemorySource source(text);
    CsvReader csv(source, "train.csv", {});
    DenseBatch batch;
    EXPECT_FALSE(csv.read(batch, 10));
    EXPECT_FALSE(csv.read(batch, 10));
    EXPECT_EQ(batch.rows, 0);
  }
}

TEST(CsvReader, ABatchMayEndAnywhereAndTheLastIsShort) {
  std::string text;
  for (int row = 0; row < 10; ++row) text += std::to_string(row) + ",0.5\n";
  for (std::int64_t rows = 1; rows <= 11; ++rows) {
    MemorySource source(text);
    CsvReader csv(source, "train.csv", {});
    DenseBatch batch;
    std::vector<float> labels;
    std::vector<std::int64_t> sizes;
    while (csv.read(batch, rows)) {
      labels.insert(labels.end(), batch.labels.begin(), batch.labels.end());
      sizes.push_back(batch.rows);
    }
    EXPECT_EQ(labels, (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) EXPECT_EQ(sizes[i], rows);
  }
}

/// Many blocks of text: `rows` rows of `columns` numbers that no two rows share.
std::string many_blocks(int rows, int columns) {
  std::string text;
  for (int row = 0; row < rows; ++row) {
    text += std::to_string(row);
    for (int column = 1; column < columns; ++column)
      text += ",-" + std::to_string(row % 97) + ".25";
    text += '\n';
  }
  return text;
}

TEST(CsvReader, ThreadsDeliverTheSameRowsInTheSameOrder) {
  for (const int columns : {3, 40'000}) {
    const int rows = 1'200'000 / columns;
    const std::string text = many_blocks(rows, columns);
    const DenseBatch expected = parse(text, {.threads = 1, .path = CsvPath::Portable});
    ASSERT_EQ(expected.rows, rows);
    for (const CsvPath path : paths()) {
      for (const int threads : {1, 2, 3}) {
        MemorySource source(text);
        CsvReader csv(source, "train.csv", {.threads = threads, .path = path});
        const DenseBatch got = read_all_rows(csv, 1 + 700'000 / columns);
        EXPECT_EQ(got.rows, rows);
        EXPECT_TRUE(got.labels == expected.labels && got.features == expected.features)
            << columns << " columns, " << threads << " threads";
      }
    }
  }
}

TEST(CsvReader, AFaultBehindManyBlocksIsNamedExactlyWhateverTheThreads) {
  std::string text = many_blocks(200'000, 5);
  const std::size_t line = text.rfind("\n190000,") + 1;
  text.replace(text.find('.', line), 1, "x");
  text.insert(text.find('\n', text.size() / 2), "\n\n");  // blank lines count as lines
  EXPECT_EQ(refusal(text),
            "train.csv, line 190003, column 2: got \"-74x25\", expected a number. Write numbers "
            "only, such as -1.5 or 3e-4: no text, no units, no thousands separators.");
}

TEST(CsvReader, RowsBeforeAFaultAreDeliveredInWholeBatchesAndTheFaultAgainAndAgain) {
  for (const int threads : {1, 2}) {
    MemorySource source("1,2\n3,4\n5,6\n7,x\n9,10\n");
    CsvReader csv(source, "train.csv", {.threads = threads});
    DenseBatch batch;
    ASSERT_TRUE(csv.read(batch, 2));
    EXPECT_EQ(batch.labels, (std::vector<float>{1, 3}));
    EXPECT_THROW(csv.read(batch, 2), Error);
    EXPECT_THROW(csv.read(batch, 2), Error);
  }
}

TEST(CsvReader, AStreamThatBreaksOffIsReportedBehindItsWholeLines) {
  for (const int threads : {1, 2}) {
    Breaking source("1,2\n3,4\n5,");
    CsvReader csv(source, "train.csv", {.threads = threads});
    DenseBatch batch;
    ASSERT_TRUE(csv.read(batch, 2));
    EXPECT_EQ(batch.labels, (std::vector<float>{1, 3}));
    try {
      csv.read(batch, 2);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Platform);
      EXPECT_STREQ(error.what(), "the stream broke off");
    }
  }
}

TEST(CsvReader, AReaderMayBeLeftBeforeTheEnd) {
  const std::string text = many_blocks(200'000, 5);
  for (const int threads : {1, 2, 3}) {
    MemorySource source(text);
    CsvReader csv(source, "train.csv", {.threads = threads});
    DenseBatch batch;
    EXPECT_TRUE(csv.read(batch, 10));
  }
}

/// Files held in memory, one after the other.
NextSource files(std::vector<std::pair<std::string, std::string>> contents) {
  return [contents = std::move(contents), next = std::size_t{0}]() mutable {
    std::optional<NamedSource> file;
    if (next < contents.size()) {
      file = NamedSource{.name = contents[next].first,
                         .source = std::make_unique<MemorySource>(contents[next].second)};
      ++next;
    }
    return file;
  };
}

// docs/reference/formats/csv.md: "Several files are one stream of rows."
TEST(CsvReader, SeveralFilesAreOneStreamOfRows) {
  for (const int threads : {1, 2}) {
    CsvReader csv(files({{"a.csv", "1,2\n3,4"},
                         {"empty.csv", ""},
                         {"b.csv",
                          "\xEF\xBB\xBF"
                          "5,6\n"},
                         {"c.csv", "7,8"}}),
                  {.threads = threads});
    const DenseBatch batch = read_all_rows(csv, 3);
    EXPECT_EQ(batch.labels, (std::vector<float>{1, 3, 5, 7}));
  }
}

TEST(CsvReader, EveryRowsPlaceIsKnownWhateverTheBatchesThreadsAndBlankLines) {
  // Labels are the lines' numbers, so that a row says itself where it stands.
  std::mt19937 random(3);
  std::vector<std::pair<std::string, std::string>> contents;
  for (const char* name : {"a.csv", "b.csv", "c.csv"}) {
    std::string text;
    for (int line = 1; line <= 60'000; ++line) {
      const bool blank = random() % (line < 30'000 ? 20 : 20'000) == 0;
      text += blank ? " \n" : std::to_string(line) + ",0.5\n";
    }
    contents.emplace_back(name, text);
  }
  for (const int threads : {1, 2}) {
    for (const std::int64_t rows : {1, 1000, 100'000}) {
      CsvReader csv(files(contents), {.threads = threads});
      DenseBatch batch;
      std::size_t file = 0;
      float before = 0;
      while (csv.read(batch, rows)) {
        for (std::int64_t row = 0; row < batch.rows; ++row) {
          const float line = batch.labels[static_cast<std::size_t>(row)];
          if (line < before) ++file;
          before = line;
          const auto place = csv.places().of(row);
          ASSERT_TRUE(place);
          ASSERT_EQ(place->origin, contents[file].first);
          ASSERT_EQ(place->number, static_cast<std::int64_t>(line));
        }
      }
      EXPECT_EQ(file, 2U);
    }
  }
}

TEST(CsvReader, AMessageNamesTheFileAndTheLineInIt) {
  const auto told = [](std::vector<std::pair<std::string, std::string>> contents) {
    CsvReader csv(files(std::move(contents)), {.threads = 2});
    try {
      read_all_rows(csv);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::string many = many_blocks(100'000, 2);
  EXPECT_EQ(told({{"a.csv", many}, {"b.csv", "5,6\n\n7,?\n"}}).substr(0, 25),
            "b.csv, line 3, column 2: ");
  EXPECT_EQ(
      told({{"a.csv", "1,2\n"}, {"b.csv", "y,x\n5,6\n"}}),
      "b.csv, line 1, column 1: got \"y\", expected a number. CSV for SageMaker has no header "
      "row: if this line holds column names, delete it.");
  EXPECT_EQ(told({{"a.csv", "1,2\n"}, {"b.csv", "5,6,7\n"}}),
            "b.csv, line 1, column 3: got \"3 columns\", expected 2 columns, as every row of the "
            "channel has. Remove what stands after column 2.");
}

TEST(CsvReader, AHeaderRowIsRefused) {
  const std::string header =
      " expected a number. CSV for SageMaker has no header row: if this line holds column names, "
      "delete it.";
  EXPECT_EQ(refusal("label,age\n1,2\n"), "train.csv, line 1, column 1: got \"label\"," + header);
  EXPECT_EQ(refusal("\n\"label\",\"age\"\n1,2\n"),
            "train.csv, line 2, column 1: got \"\"label\"\"," + header);
}

TEST(CsvReader, QuotedFieldsAreRefused) {
  EXPECT_EQ(refusal("1,\"2\"\n"),
            "train.csv, line 1, column 2: got \"\"2\"\", expected a number. Quoted fields are not "
            "read: write the number without quotes.");
}

TEST(CsvReader, AnotherSeparatorIsRecognised) {
  EXPECT_EQ(
      refusal("1,2 3\n"),
      "train.csv, line 1, column 2: got \"2 3\", expected a number. Separate the columns with "
      "commas.");
}

TEST(CsvReader, TextIsRefused) {
  EXPECT_EQ(
      refusal("1,2\n3,12 kg\n4,5\n"),
      "train.csv, line 2, column 2: got \"12 kg\", expected a number. Write numbers only, such "
      "as -1.5 or 3e-4: no text, no units, no thousands separators.");
}

TEST(CsvReader, AnEmptyFieldIsRefused) {
  const std::string empty =
      " expected a number, not an empty field. Fill in the missing value, or remove the column or "
      "the row.";
  EXPECT_EQ(refusal("1,2,3\n4,,6\n"), "train.csv, line 2, column 2:" + empty);
  EXPECT_EQ(refusal("1,2,\n"), "train.csv, line 1, column 3:" + empty);
  EXPECT_EQ(refusal("1,2, \n"), "train.csv, line 1, column 3:" + empty);
}

TEST(CsvReader, ARaggedRowIsRefused) {
  EXPECT_EQ(refusal("1,2\n3,4,5\n"),
            "train.csv, line 2, column 3: got \"3 columns\", expected 2 columns, as every row of "
            "the channel has. Remove what stands after column 2.");
  EXPECT_EQ(
      refusal("1,2\n3\n"),
      "train.csv, line 2, column 2: got \"1 column\", expected 2 columns, as every row of the "
      "channel has. Add the missing values.");
}

TEST(CsvReader, TheNumberOfColumnsMayBeGiven) {
  EXPECT_EQ(parse("1,2,3\n", {.columns = 3}).columns, 2);
  EXPECT_EQ(
      refusal("1,2\n", {.columns = 3}),
      "train.csv, line 1, column 3: got \"2 columns\", expected 3 columns, as every row of the "
      "channel has. Add the missing values.");
}

TEST(CsvReader, ARowNeedsAFeatureBesideItsLabel) {
  const std::string fix =
      " of them the label. Put the label first and the features behind it, separated by commas; "
      "without a label, set label_size=0 in the content type.";
  EXPECT_EQ(refusal("\n1\n2\n"),
            "train.csv, line 2: got \"1 column\", expected at least 2 columns, 1" + fix);
  EXPECT_EQ(refusal("\n\r\t\n"),
            "train.csv, line 2: got \"1 column\", expected at least 2 columns, 1" + fix);
  EXPECT_EQ(refusal("1;2;3\n"),
            "train.csv, line 1: got \"1 column\", expected at least 2 columns, 1" + fix);
}

// docs/reference/formats/csv.md: "`nan`, `inf` and `infinity` are refused unless the algorithm
// accepts them."
TEST(CsvReader, NanAndInfinityAreRefusedUnlessAccepted) {
  const std::string fix =
      " expected a finite number. Replace the value or remove the row: this channel takes no nan "
      "and no inf.";
  EXPECT_EQ(refusal("1,2\n3,nan\n"), "train.csv, line 2, column 2: got \"nan\"," + fix);
  EXPECT_EQ(refusal("1,2\n-Inf,1\n"), "train.csv, line 2, column 1: got \"-Inf\"," + fix);
  EXPECT_EQ(
      refusal("1,2\n3,1e39\n"),
      "train.csv, line 2, column 2: got \"1e39\", expected a number of at most 3.4028235e38 in "
      "size. Values are read as float32: scale the column down.");
  for (const CsvPath path : paths()) {
    const DenseBatch batch =
        parse("1,nan\n2,-inf\n3,1e39\n", {.non_finite = NonFinite::Accept, .path = path});
    ASSERT_EQ(batch.rows, 3);
    EXPECT_TRUE(std::isnan(batch.features[0]));
    EXPECT_EQ(batch.features[1], -std::numeric_limits<float>::infinity());
    EXPECT_EQ(batch.features[2], std::numeric_limits<float>::infinity());
  }
}

TEST(CsvReader, ALineWithoutEndIsRefusedAtItsLimit) {
  const std::string expected =
      "line 1: got \"more than 67108864 bytes without a line end\", expected a line of at most "
      "67108864 bytes. Check that the file is text with one row per line.";
  Endless source;
  CsvReader csv(source, "endless.csv", {});
  DenseBatch batch;
  try {
    csv.read(batch, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), "endless.csv, " + expected);
  }
  const std::string row = "1," + std::string(kMaxCsvLineBytes - 2, '2');
  EXPECT_EQ(parse("1,2\n" + row, {.non_finite = NonFinite::Accept}).rows, 2);
  const std::string long_row = "1,2\n" + row + "2\n3,4\n";
  for (const std::size_t step : {std::size_t{1'000'003}, long_row.size()}) {
    Trickle cut(long_row, step);
    CsvReader reader(cut, "train.csv", {.non_finite = NonFinite::Accept});
    ASSERT_TRUE(reader.read(batch, 1));
    EXPECT_THROW(reader.read(batch, 1), Error);
  }
}

TEST(CsvReader, BytesThatAreNoTextAreShownEscaped) {
  EXPECT_EQ(
      refusal(std::string_view("1,2\n\0\x1f,3\n", 9)),
      "train.csv, line 2, column 1: got \"\\x00\\x1f\", expected a number. Write numbers only, "
      "such as -1.5 or 3e-4: no text, no units, no thousands separators.");
}

}  // namespace
}  // namespace millrace
