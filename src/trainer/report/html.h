#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/image.h"
#include "core/base/html.h"

namespace millrace::html {

/// `<img>` that holds the picture itself: as PNG, or where it is no tiny one as JPEG, which takes a
/// tenth. `label` is what it shows, for those who cannot see it.
std::string inline_picture(const Image& image, std::string_view label);

/// Up to so many pixels an image is shown with visible pixels: interpolating between those of an
/// icon makes it harder to recognise.
inline constexpr std::int64_t kTinyEdge = 64;
bool is_tiny(const Image& image);

}  // namespace millrace::html
