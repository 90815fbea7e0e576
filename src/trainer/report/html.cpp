#include "trainer/report/html.h"

#include <algorithm>

#include "core/base/text.h"

namespace millrace::html {

bool is_tiny(const Image& image) {
  return std::max(image.width, image.height) <= kTinyEdge;
}

std::string inline_picture(const Image& image, std::string_view label) {
  constexpr int kQuality = 85;
  const bool jpeg = has_jpeg() && !is_tiny(image);
  return "<img alt=\"" + escaped(label) + "\" width=\"" + std::to_string(image.width) +
         "\" height=\"" + std::to_string(image.height) + "\" src=\"data:image/" +
         (jpeg ? "jpeg;base64," + to_base64(encode_jpeg(image, kQuality))
               : "png;base64," + to_base64(encode_png(image))) +
         "\">";
}

}  // namespace millrace::html
