#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::linear_learner {

const Algorithm& algorithm();

inline constexpr const char* kTrainChannel = "train";
inline constexpr const char* kValidationChannel = "validation";
inline constexpr const char* kTestChannel = "test";
/// Leading columns of a row that are its label.
inline constexpr std::int64_t kLabelSize = 1;

}  // namespace millrace::linear_learner
