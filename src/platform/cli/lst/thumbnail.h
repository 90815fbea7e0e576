#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/image.h"

namespace millrace::cli {

/// The picture shrunk to fit `edge` x `edge`, its proportions kept: each pixel is the mean of the
/// area it covers. A picture that fits already is left as it is.
Image shrink(const Image& image, std::int64_t edge);

/// A JPEG or PNG file as the text of an image in a page, "data:image/jpeg;base64,...", shrunk to
/// `edge`. Throws Error(Customer) "<origin>: ..." for bytes that are no picture.
std::string thumbnail_uri(std::string_view file, std::int64_t edge, std::string_view origin);

}  // namespace millrace::cli
