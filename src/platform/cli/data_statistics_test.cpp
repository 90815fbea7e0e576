#include "platform/cli/data_statistics.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(DataStatistics, ZerosThatASparseRowLeavesOutCountAsValues) {
  TableStatistics table;
  table.add({.labels = {1}, .sparse = true, .columns = 4, .indices = {1, 3}, .values = {6, 2}});
  EXPECT_EQ(table.text(),
            "records         1\n"
            "columns         4 features, 1 label\n"
            "sparse          1 records; 2 values stored\n"
            "values          0 to 6, mean 2\n"
            "labels          1 to 1, mean 1\n"
            "\n"
            "LABEL  RECORDS  SHARE\n"
            "1      1        100.0 %\n");
}

TEST(DataStatistics, AHistogramGivesUpWhereLabelsAreNoClasses) {
  LabelHistogram histogram;
  for (int i = 0; i < 1001; ++i) histogram.add(static_cast<float>(i));
  EXPECT_TRUE(histogram.too_many());
  EXPECT_EQ(histogram.text(), "");
}

}  // namespace
}  // namespace millrace::cli
