#include "core/data/csv_kernel.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/data/csv_block.h"
#include "core/data/csv_random.h"

namespace millrace {
namespace {

std::vector<CsvPath> vector_paths() {
  std::vector<CsvPath> result;
  for (const CsvPath path : {CsvPath::Avx2, CsvPath::Avx512})
    if (can_run(path)) result.push_back(path);
  return result;
}

/// What a run of lines comes to: the numbers' bits, or where and why it was refused.
struct Outcome {
  std::vector<std::uint32_t> bits;
  std::int64_t lines = 0;
  std::int64_t bad_line = 0;
  std::int64_t bad_column = 0;
  std::string given;
  bool operator==(const Outcome&) const = default;
};

/// `lines` must end with '\n'.
Outcome outcome(const std::string& lines, std::int64_t columns, CsvPath path,
                NonFinite policy = NonFinite::Refuse) {
  CsvText text;
  text.bytes = lines.size();
  text.columns = columns;
  text.buffer.reserve(lines.size() + kCsvPadding, 0);
  std::memcpy(text.buffer.data(), lines.data(), lines.size());
  // Digits behind the end, where a kernel that looked there would take them for a field's.
  std::memset(text.buffer.data() + lines.size(), '7', kCsvPadding);
  CsvBlock block;
  parse_csv_text(text, path, policy, block);
  Outcome result{.bits = {}, .lines = block.lines, .bad_line = 0, .bad_column = 0, .given = {}};
  for (std::int64_t i = 0; i < block.rows * columns; ++i)
    result.bits.push_back(std::bit_cast<std::uint32_t>(block.values.data()[i]));
  if (block.fault) {
    result.bad_line = block.fault->line;
    result.bad_column = block.fault->column;
    result.given = block.fault->given;
  }
  return result;
}

void expect_same_on_every_path(const std::string& lines, std::int64_t columns) {
  for (const NonFinite policy : {NonFinite::Refuse, NonFinite::Accept}) {
    const Outcome expected = outcome(lines, columns, CsvPath::Portable, policy);
    for (const CsvPath path : vector_paths()) {
      ASSERT_EQ(outcome(lines, columns, path, policy), expected)
          << "path " << static_cast<int>(path) << ": " << lines;
    }
  }
}

TEST(CsvKernel, EveryPathGivesTheBitsOfStrtof) {
  RandomCsv random(2);
  for (int round = 0; round < 40; ++round) {
    const auto columns = static_cast<std::int64_t>(1 + random.below(300));
    std::string text;
    std::vector<std::uint32_t> expected;
    for (std::size_t rows = 1 + random.below(40); rows > 0; --rows) {
      for (std::int64_t column = 0; column < columns; ++column) {
        const std::string number = random.number();
        expected.push_back(std::bit_cast<std::uint32_t>(std::strtof(number.c_str(), nullptr)));
        text += number + (column + 1 == columns ? "\n" : ",");
      }
    }
    for (const CsvPath path : {CsvPath::Portable, CsvPath::Avx2, CsvPath::Avx512}) {
      if (!can_run(path)) continue;
      const Outcome got = outcome(text, columns, path, NonFinite::Accept);
      ASSERT_EQ(got.bad_line, 0) << got.given;
      ASSERT_EQ(got.bits, expected) << "path " << static_cast<int>(path);
    }
  }
}

TEST(CsvKernel, ShortNumbersAreExactToTheLast) {
  // Every number of up to five digits, with the point at every place and both signs.
  for (const char* sign : {"", "-"}) {
    std::string text;
    std::vector<std::uint32_t> expected;
    for (int number = 0; number < 100'000; number += 7) {
      const std::string digits = std::to_string(number);
      for (std::size_t point = 0; point <= digits.size(); ++point) {
        const std::string field = sign + digits.substr(0, point) + "." + digits.substr(point);
        expected.push_back(std::bit_cast<std::uint32_t>(std::strtof(field.c_str(), nullptr)));
        text += field + '\n';
      }
    }
    for (const CsvPath path : vector_paths()) EXPECT_EQ(outcome(text, 1, path).bits, expected);
  }
}

TEST(CsvKernel, EveryShortFieldIsJudgedAlikeOnEveryPath) {
  const std::string alphabet = "019.-+e, \r\n\"";
  for (std::size_t length = 0; length <= 4; ++length) {
    std::size_t combinations = 1;
    for (std::size_t i = 0; i < length; ++i) combinations *= alphabet.size();
    for (std::size_t number = 0; number < combinations; ++number) {
      std::string field;
      for (std::size_t i = 0, rest = number; i < length; ++i, rest /= alphabet.size())
        field += alphabet[rest % alphabet.size()];
      // Alone on its line, and between others.
      ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path(field + "\n", 1));
      ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path("1,2,3\n4," + field + ",6\n7,8,9\n", 3));
    }
  }
}

TEST(CsvKernel, AFieldMayBeginAnywhereInABlock) {
  for (const char* field : {"-123.456789", "0.1", "1e5", "123456789012345", "1234567890123456",
                            "12345678901234567890123456789012345678901234567890", "x", "", " 7 "}) {
    for (std::size_t before = 1; before <= 140; ++before) {
      const std::string line = std::string(before, '1') + "," + field + ",-2.5\r\n";
      ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path(line + "3,4,5\n", 3));
      ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path("3,4,5\n" + line, 3));
    }
  }
}

TEST(CsvKernel, ALineThatIsNotPlainIsFoundWhereverItStands) {
  const std::string plain = "-1.5,2,3.25\n";
  for (const std::string line : {"\n", "\r\n", "  \n", "1,2\n", "1,2,3,4\n", "1,2,x\n", "1,,3\n",
                                 ",,\n", "1,2,3,\n", "1 ,2,3\n", "nan,2,3\n", "1,1e99,3\n",
                                 "1,2,3\r\r\n", "\"1\",2,3\n", "1\r,2,3\n", "1,2,+3\n"}) {
    for (int before = 0; before < 700; before += before < 12 ? 1 : 43) {
      std::string text;
      for (int i = 0; i < before; ++i) text += plain;
      ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path(text + line + plain + plain, 3)) << line;
    }
  }
}

TEST(CsvKernel, LongRowsAreChecked) {
  std::string row = "1";
  for (int column = 1; column < 20'000; ++column) row += ",-0.125";
  for (const std::string& text : {row + "\n" + row + "\n", row + ",1\n" + row + "\n",
                                  row + "\n" + row.substr(0, row.size() - 7) + "\n" + row + "\n",
                                  row + "\n\n" + row + "\n1,2\n"})
    ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path(text, 20'000));
}

TEST(CsvKernel, RandomLinesWithRandomDamageAreJudgedAlikeOnEveryPath) {
  RandomCsv random(3);
  const std::string damage = "0,.-\n\r e+\"x\t";
  for (int round = 0; round < 3000; ++round) {
    const auto columns = static_cast<std::int64_t>(1 + random.below(30));
    std::string text;
    for (std::size_t rows = 1 + random.below(30); rows > 0; --rows) {
      for (std::int64_t column = 0; column < columns; ++column)
        text += random.number() + (column + 1 == columns ? "\n" : ",");
    }
    for (std::size_t edits = random.below(4); edits > 0; --edits)
      text[random.below(text.size() - 1)] = damage[random.below(damage.size())];
    ASSERT_NO_FATAL_FAILURE(expect_same_on_every_path(text, columns));
  }
}

TEST(CsvKernel, TheBestPathCanRun) {
  EXPECT_TRUE(can_run(CsvPath::Portable));
  EXPECT_TRUE(can_run(best_csv_path()));
}

}  // namespace
}  // namespace millrace
