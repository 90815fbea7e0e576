#include "core/data/detection_labels.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/error.h"

namespace millrace {
namespace {

TEST(DetectionLabels, ObjectsFollowAHeaderThatStatesBothWidths) {
  const std::vector<float> array{3, 5, 640, 1, .1f, .2f, .3f, .4f, 0, .5f, .6f, .7f, .8f};
  const DetectionLabels labels = DetectionLabels::parse(array, "x");
  EXPECT_EQ(labels.header().size(), 3U);
  EXPECT_EQ(labels.header()[2], 640);
  ASSERT_EQ(labels.objects(), 2);
  EXPECT_EQ(labels.object(1).size(), 5U);
  EXPECT_EQ(labels.object(1)[4], .8f);
}

TEST(DetectionLabels, ArraysThatContradictTheirHeaderAreRefused) {
  const std::vector<std::vector<float>> wrong{{},
                                              {2},
                                              {2, 5},
                                              {1, 5, 0, 0, 0, 0, 0},
                                              {2, 4, 0, 0, 0, 0},
                                              {2, 5, 0, 0, 0, 0},
                                              {2, 5, 0, 0, 0, 0, 0, 1},
                                              {9, 5, 0, 0, 0, 0, 0},
                                              {2.5f, 5, 0, 0, 0, 0, 0}};
  for (const std::vector<float>& array : wrong)
    EXPECT_THROW((void)DetectionLabels::parse(array, "x"), Error) << array.size();
  try {
    (void)DetectionLabels::parse(wrong[6], "a.lst, line 3");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a.lst, line 3: got \"6 values after the header\", expected whole objects of 5 "
                 "values. Labels of a detection list are: header width (2), object width (5), then "
                 "class, xmin, ymin, xmax, ymax of each object.");
  }
}

}  // namespace
}  // namespace millrace
