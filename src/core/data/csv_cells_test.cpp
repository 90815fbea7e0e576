#include "core/data/csv_cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;

TEST(CsvCells, AreTheTextBetweenCommas) {
  EXPECT_THAT(csv_cells("1, 2.50,,x", "f"), ElementsAre("1", " 2.50", "", "x"));
  EXPECT_THAT(csv_cells("", "f"), ElementsAre(""));
  EXPECT_THAT(csv_cells(",", "f"), ElementsAre("", ""));
}

TEST(CsvCells, AQuotedCellKeepsItsCommasAndItsQuotes) {
  EXPECT_THAT(csv_cells(R"("a,b",1,"say ""no"", she said")", "f"),
              ElementsAre(R"("a,b")", "1", R"("say ""no"", she said")"));
}

TEST(CsvCells, AnOpenQuoteIsRefusedWithItsColumn) {
  try {
    csv_cells(R"(1,"a)", "b.csv, line 4");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "b.csv, line 4, column 2: a double quote is not closed on its line. Close it; a "
                 "cell cannot hold a line feed here.");
  }
}

}  // namespace
}  // namespace millrace
