#include "trainer/vision/class_label.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/error.h"

namespace millrace {
namespace {

std::string refusal(float label) {
  try {
    check_label(label, 3, "record 0");
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(ClassLabel, IsAWholeNumberBelowTheNumberOfClasses) {
  EXPECT_EQ(refusal(0), "accepted");
  EXPECT_EQ(refusal(2), "accepted");
  EXPECT_EQ(
      refusal(3),
      "record 0: got \"label 3\", expected a whole number from 0 to 2, because num_classes is "
      "3. Set num_classes to 4, or number the classes from 0.");
}

TEST(ClassLabel, WhatIsNoClassOfAnyNumberOfThemIsNotAnsweredWithOne) {
  for (const float label : {-1.0F, 1.5F, 1e30F, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()})
    EXPECT_TRUE(refusal(label).ends_with("Label the images with whole numbers that start at 0."))
        << refusal(label);
}

}  // namespace
}  // namespace millrace
