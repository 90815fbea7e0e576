#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::pca {

const Algorithm& algorithm();

inline constexpr const char* kName = "pca";
inline constexpr const char* kTrainChannel = "train";
inline constexpr const char* kTestChannel = "test";
/// Rows are features only.
inline constexpr std::int64_t kLabelSize = 0;

}  // namespace millrace::pca
