#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::random_cut_forest {

const Algorithm& algorithm();

inline constexpr const char* kTrainChannel = "train";
inline constexpr const char* kTestChannel = "test";
/// Leading columns of a row that are its label.
inline constexpr std::int64_t kTrainLabelSize = 0;
inline constexpr std::int64_t kTestLabelSize = 1;

}  // namespace millrace::random_cut_forest
