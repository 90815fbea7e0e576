#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::image_classification {

const Algorithm& algorithm();

/// The directory the channel `name` must give: both halves read it the same way.
inline constexpr std::string_view kTrainChannel = "train";
inline constexpr std::string_view kValidationChannel = "validation";

}  // namespace millrace::image_classification
