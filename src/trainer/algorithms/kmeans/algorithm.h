#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::kmeans {

const Algorithm& algorithm();

inline constexpr const char* kTrainChannel = "train";
inline constexpr const char* kTestChannel = "test";
/// Rows are features only; labels of recordio-protobuf records are ignored.
inline constexpr std::int64_t kLabelSize = 0;

}  // namespace millrace::kmeans
