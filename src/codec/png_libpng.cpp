#include <png.h>

#include <csetjmp>
#include <cstring>
#include <new>
#include <utility>

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

/// libpng leaves a failed call by longjmp, over which no C++ object may live: write() has none, and
/// all state is here.
class PngWriter {
 public:
  PngWriter()
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, this, &fail, &ignore)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc();
    }
    png_set_write_fn(png_, this, &take_bytes, nullptr);
  }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }

  bool write(const Image& image, int compression) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_compression_level(png_, compression);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.width),
                 static_cast<png_uint_32>(image.height), 8,
                 image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    for (std::int64_t y = 0; y < image.height; ++y)
      png_write_row(png_, image.pixels.data() + y * image.width * image.channels);
    png_write_end(png_, nullptr);
    return true;
  }
  std::string take() { return std::move(bytes_); }
  [[nodiscard]] const char* reason() const { return reason_; }

 private:
  static void take_bytes(png_structp png, png_bytep bytes, std::size_t count) {
    static_cast<PngWriter*>(png_get_io_ptr(png))
        ->bytes_.append(reinterpret_cast<const char*>(bytes), count);
  }
  [[noreturn]] static void fail(png_structp png, png_const_charp reason) {
    auto* writer = static_cast<PngWriter*>(png_get_error_ptr(png));
    std::strncpy(writer->reason_, reason, sizeof writer->reason_ - 1);
    std::longjmp(*png_set_longjmp_fn(png, std::longjmp, sizeof(std::jmp_buf)), 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  std::string bytes_;
  char reason_[96] = "";
  png_structp png_;
  png_infop info_;
};

}  // namespace

Image decode_png(std::string_view bytes, std::string_view origin) {
  PngImage png;
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) {
    refuse_image(origin, "PNG", png.image.message);
  }
  check_image_size(png.image.width, png.image.height, origin);
  // libpng takes 16 bits without a gAMA chunk for linear light and would brighten them. Programs
  // that write such files mean the same scale as with 8 bits.
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

std::string encode_png(const Image& image, int compression) {
  PngWriter png;
  if (!png.write(image, compression))
    throw Error(Blame::Platform, std::string("writing a PNG: ") + png.reason());
  return png.take();
}

}  // namespace millrace
