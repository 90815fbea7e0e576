#include "core/io/progress.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Progress, ABarShowsTheShareThatIsDoneAndNeverMoreThanAll) {
  EXPECT_EQ(progress_bar(0, 10, 4), "[....] 0 %");
  EXPECT_EQ(progress_bar(5, 10, 4), "[##..] 50 %");
  EXPECT_EQ(progress_bar(11, 10, 4), "[####] 100 %");
  EXPECT_EQ(progress_bar(3, 0, 4), "[....] 0 %");
}

}  // namespace
}  // namespace millrace
