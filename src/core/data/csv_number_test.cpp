#include "core/data/csv_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "core/data/csv_random.h"

namespace millrace {
namespace {

std::uint32_t bits_of(const std::string& text) {
  float value = 0;
  EXPECT_EQ(parse_csv_number(text, NonFinite::Accept, value), NumberFlaw::None) << text;
  return std::bit_cast<std::uint32_t>(value);
}

std::uint32_t strtof_bits(const std::string& text) {
  return std::bit_cast<std::uint32_t>(std::strtof(text.c_str(), nullptr));
}

NumberFlaw flaw_of(std::string_view field, NonFinite policy = NonFinite::Refuse) {
  float value = 42;
  const NumberFlaw flaw = parse_csv_number(field, policy, value);
  if (flaw != NumberFlaw::None) {
    EXPECT_EQ(value, 42) << field;
  }
  return flaw;
}

// docs/reference/formats/csv.md: "It becomes the float32 nearest to it, ties to even, as `strtof`
// gives it, bit for bit."
TEST(CsvNumber, EveryShapeOfNumberReadsAsStrtofReadsIt) {
  RandomCsv random(1);
  for (int i = 0; i < 300'000; ++i) {
    const std::string text = random.number();
    ASSERT_EQ(bits_of(text), strtof_bits(text)) << text;
  }
}

TEST(CsvNumber, ANumberHalfWayBetweenTwoFloatsGoesToTheEvenOne) {
  EXPECT_EQ(bits_of("16777217"), strtof_bits("16777216"));
  EXPECT_EQ(bits_of("16777219"), strtof_bits("16777220"));
  EXPECT_EQ(bits_of("16777217.000000000000000000000001"), strtof_bits("16777218"));
}

TEST(CsvNumber, TheEdgesOfFloat32AreExact) {
  for (const char* text :
       {"3.4028234663852886e38", "3.4028235e38", "1.17549435e-38", "1.1754942e-38", "1e-45",
        "7e-46", "7.1e-46", "-1e-45", "0", "-0", "0e99", "-0.0e-99", "1e-400", "-1e-400"})
    EXPECT_EQ(bits_of(text), strtof_bits(text)) << text;
}

TEST(CsvNumber, ASignAPointAndAnExponentMayBeWrittenInAnyUsualWay) {
  for (const char* text : {"5", "+5", "-5", "5.", ".5", "-.5", "+.5e1", "1e3", "1E3", "1e+3",
                           "1e-3", "007", "00.50", "-0"})
    EXPECT_EQ(bits_of(text), strtof_bits(text)) << text;
}

// docs/reference/formats/csv.md: "Spaces and tabs around a number are ignored."
TEST(CsvNumber, SpacesAndTabsAroundANumberAreIgnored) {
  EXPECT_EQ(bits_of(" \t5\t "), strtof_bits("5"));
}

TEST(CsvNumber, NanAndInfinityAreRefusedUnlessAccepted) {
  for (const char* text : {"nan", "NaN", "-nan", "inf", "-Inf", "+infinity", " INF "}) {
    EXPECT_EQ(flaw_of(text), NumberFlaw::NotFinite) << text;
    EXPECT_EQ(flaw_of(text, NonFinite::Accept), NumberFlaw::None) << text;
  }
  EXPECT_EQ(bits_of("-inf"), strtof_bits("-inf"));
  EXPECT_EQ(bits_of("nan"), strtof_bits("nan"));
  EXPECT_EQ(bits_of("-nan"), strtof_bits("-nan"));
}

TEST(CsvNumber, NumbersBeyondFloat32AreInfiniteWhereThatIsAccepted) {
  for (const char* text : {"1e39", "-3.5e38", "3.40282357e38", "9e999999999999"}) {
    EXPECT_EQ(flaw_of(text), NumberFlaw::TooLarge) << text;
    EXPECT_TRUE(std::isinf(std::bit_cast<float>(bits_of(text)))) << text;
  }
}

TEST(CsvNumber, AnEmptyFieldIsNoNumber) {
  for (const char* text : {"", " ", "\t \t"}) EXPECT_EQ(flaw_of(text), NumberFlaw::Empty);
}

TEST(CsvNumber, OtherTextIsNoNumber) {
  for (const char* text : {"x",
                           "-",
                           "+",
                           ".",
                           "-.",
                           "e5",
                           ".e5",
                           "1e",
                           "1e+",
                           "1 2",
                           "1.2.3",
                           "1-2",
                           "--1",
                           "+-1",
                           "-+1",
                           "0x10",
                           "1_000",
                           "1f",
                           "\"1\"",
                           "'1'",
                           "1;2",
                           "1\r",
                           "nan(1)",
                           "infin",
                           "in",
                           "na",
                           "None",
                           "true",
                           "1e5.5",
                           "1,2",
                           "\xEF\xBB\xBF"
                           "1",
                           "\xC2\xA0"
                           "1",
                           "$5",
                           "5%"})
    EXPECT_EQ(flaw_of(text, NonFinite::Accept), NumberFlaw::NotANumber) << text;
  EXPECT_EQ(flaw_of(std::string_view("1\0", 2)), NumberFlaw::NotANumber);
}

}  // namespace
}  // namespace millrace
