#include <png.h>

#include "codec/image_formats.h"
#include "core/base/error.h"

namespace millrace {
namespace {

/// libpng's simplified interface frees its state in png_image_free, which must run however we
/// leave.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  ~PngImage() { png_image_free(&image); }
};

}  // namespace

Image decode_png(std::string_view bytes, std::string_view origin) {
  PngImage png;
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) {
    refuse_image(origin, "PNG", png.image.message);
  }
  check_image_size(png.image.width, png.image.height, origin);
  // libpng takes 16 bits without a gAMA chunk for linear light and would brighten them. Programs that
  // write such files mean the same scale as with 8 bits.
  png.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const bool grey = (png.image.format & PNG_FORMAT_FLAG_COLOR) == 0;
  png.image.format = grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Image image{
      .width = png.image.width, .height = png.image.height, .channels = grey ? 1 : 3, .pixels = {}};
  image.pixels.resize(PNG_IMAGE_SIZE(png.image));
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&png.image, &black, image.pixels.data(), 0, nullptr) == 0) {
    refuse_image(origin, "PNG", png.image.message);
  }
  return image;
}

bool has_png() {
  return true;
}

std::string encode_png(const Image& image) {
  PngImage png;
  png.image.width = static_cast<png_uint_32>(image.width);
  png.image.height = static_cast<png_uint_32>(image.height);
  png.image.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png.image);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&png.image, bytes.data(), &size, 0, image.pixels.data(), 0,
                                nullptr) == 0) {
    throw Error(Blame::Platform, std::string("writing a PNG: ") + png.image.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace millrace
