#include "codec/image.h"

#include <optional>
#include <utility>

#include "codec/exif.h"
#include "codec/image_formats.h"
#include "codec/image_header.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

[[noreturn]] void refuse_damaged(const Problem& problem) {
  throw Error(Blame::Customer, std::string(kDamagedImage), describe(problem));
}

}  // namespace

bool is_jpeg_or_png(std::string_view bytes) {
  return image_format_of(bytes).has_value();
}

Image decode_image(std::string_view bytes, std::string_view origin) {
  if (const std::optional<ImageFormat> format = image_format_of(bytes)) {
    Image image =
        *format == ImageFormat::Jpeg ? decode_jpeg(bytes, origin) : decode_png(bytes, origin);
    return oriented(std::move(image), exif_orientation(bytes));
  }
  refuse_damaged(
      Problem{.where = std::string(origin),
              .given = bytes.empty() ? "no bytes" : "bytes " + to_hex(bytes.substr(0, 8)),
              .expected = "a JPEG or PNG image",
              .fix = "Convert the image; raw pixels and other formats are not read."});
}

void check_image_size(std::int64_t width, std::int64_t height, std::string_view origin) {
  if (width > 0 && height > 0 && width <= kMaxImagePixels / height) return;
  refuse_damaged(
      Problem{.where = std::string(origin),
              .given = std::to_string(width) + " x " + std::to_string(height) + " pixels",
              .expected = "an image of 1 to " + std::to_string(kMaxImagePixels) + " pixels",
              .fix = "Make it smaller."});
}

void refuse_image(std::string_view origin, std::string_view format, std::string_view reason) {
  refuse_damaged(Problem{.where = std::string(origin),
                         .given = std::string(reason),
                         .expected = "a whole, undamaged " + std::string(format) + " image",
                         .fix = "Replace the image or leave its record out."});
}

}  // namespace millrace
