#include "platform/cli/table.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(Table, ColumnsLineUpUnderTheWidestCellCountingCharactersNotBytes) {
  EXPECT_EQ(aligned({"NAME", "STATUS"}, {{"jöb", "Completed"}, {"longer", "x"}}),
            "NAME    STATUS\n"
            "jöb     Completed\n"
            "longer  x\n");
}

TEST(Table, DurationsReadAsPeopleSayThem) {
  EXPECT_EQ(duration_text(3.44), "3.4 s");
  EXPECT_EQ(duration_text(125), "2 min 05 s");
  EXPECT_EQ(duration_text(3725), "1 h 02 min");
}

}  // namespace
}  // namespace millrace::cli
