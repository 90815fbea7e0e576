#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::cli {

/// A JPEG or PNG file as the text of an image in a page, "data:image/jpeg;base64,...", shrunk to
/// `edge`. Throws Error(Customer) "<origin>: ..." for bytes that are no picture.
std::string thumbnail_uri(std::string_view file, std::int64_t edge, std::string_view origin);

}  // namespace millrace::cli
