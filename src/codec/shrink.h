#pragma once

#include <cstdint>
#include <string_view>

#include "codec/image.h"

namespace millrace {

/// The picture shrunk to fit `edge` x `edge`, its proportions kept: each pixel is the mean of the
/// area it covers. A picture that fits already is left as it is.
Image shrink(const Image& image, std::int64_t edge);

/// As shrink() of decode_image(), but of a large JPEG only as much is decoded as the small picture
/// needs, at one of the decoder's own scales. Errors as decode_image().
Image decode_shrunk(std::string_view bytes, std::int64_t edge, std::string_view origin);

}  // namespace millrace
