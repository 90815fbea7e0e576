#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::ntm {

const Algorithm& algorithm();

inline constexpr const char* kTrainChannel = "train";
inline constexpr const char* kValidationChannel = "validation";
inline constexpr const char* kTestChannel = "test";
inline constexpr const char* kAuxiliaryChannel = "auxiliary";

}  // namespace millrace::ntm
