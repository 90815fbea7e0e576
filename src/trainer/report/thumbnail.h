#pragma once

#include <cstdint>

#include "codec/image.h"

namespace millrace {

/// The image in small, its longer edge `edge` pixels (at least 1), proportions kept. Shrinking
/// averages whole pixels first, so that fine patterns turn grey and not into others; a smaller
/// image is enlarged.
Image thumbnail(const Image& image, std::int64_t edge);

}  // namespace millrace
