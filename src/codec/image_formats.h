#pragma once

#include "codec/image.h"

// One source per library, chosen by CMake: jpeg_turbo.cpp or jpeg_absent.cpp, png_libpng.cpp or
// png_absent.cpp.
namespace millrace {

Image decode_jpeg(std::string_view bytes, std::string_view origin);
/// The picture at the smallest of the decoder's scales (eighths) whose longer side is `edge` or
/// more.
Image decode_jpeg_near(std::string_view bytes, std::int64_t edge, std::string_view origin);
Image decode_png(std::string_view bytes, std::string_view origin);

/// Throws Error(Customer) when an image's declared size is above kMaxImagePixels or is nothing.
void check_image_size(std::int64_t width, std::int64_t height, std::string_view origin);
[[noreturn]] void refuse_image(std::string_view origin, std::string_view format,
                               std::string_view reason);

}  // namespace millrace
