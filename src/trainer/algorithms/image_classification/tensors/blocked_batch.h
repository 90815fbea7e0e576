#pragma once

#include <compare>
#include <cstdint>

namespace millrace::image_classification {

/// The one shape of batch that a plan is for.
struct BlockedBatch {
  std::int64_t count = 0, channels = 0, height = 0, width = 0;
  bool training = false;
  auto operator<=>(const BlockedBatch&) const = default;
};

}  // namespace millrace::image_classification
