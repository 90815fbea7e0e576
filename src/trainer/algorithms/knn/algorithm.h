#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::knn {

const Algorithm& algorithm();

inline constexpr const char* kTrainChannel = "train";
inline constexpr const char* kTestChannel = "test";
/// Leading columns of a row that are its label.
inline constexpr std::int64_t kLabelSize = 1;

}  // namespace millrace::knn
