#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>

#include "codec/image_formats.h"
#include "core/base/error.h"

namespace millrace {
namespace {

/// What libpng's callbacks share. libpng leaves a failed call by longjmp, over which no C++ object
/// may live: the functions that call setjmp have none, and all state is here.
struct Reading {
  std::string_view rest;
  char reason[96] = "";
};

void give_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (count > reading->rest.size()) png_error(png, "the file is cut off");
  std::memcpy(out, reading->rest.data(), count);
  reading->rest.remove_prefix(count);
}

[[noreturn]] void fail(png_structp png, png_const_charp reason) {
  auto* reading = static_cast<Reading*>(png_get_error_ptr(png));
  std::strncpy(reading->reason, reason, sizeof reading->reason - 1);
  std::longjmp(*png_set_longjmp_fn(png, std::longjmp, sizeof(std::jmp_buf)), 1);
}

/// Warnings are about chunks that no pixel depends on.
void ignore(png_structp, png_const_charp) {}

class PngReader {
 public:
  explicit PngReader(std::string_view bytes)
      : reading_{.rest = bytes},
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading_, &fail, &ignore)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, &reading_, &give_bytes);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Up to the pixels, and asks for them as 8 bits of grey or of red, green and blue.
  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_info(png_, info_);
    png_set_expand(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    (void)png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  /// `rows` has one pointer for each row. What comes after the pixels is left unread: nothing of
  /// the image depends on it.
  bool read_rows(png_bytep* rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    return true;
  }

  [[nodiscard]] std::int64_t width() const { return png_get_image_width(png_, info_); }
  [[nodiscard]] std::int64_t height() const { return png_get_image_height(png_, info_); }
  [[nodiscard]] std::int64_t channels() const { return png_get_channels(png_, info_); }
  [[nodiscard]] const char* reason() const { return reading_.reason; }

 private:
  Reading reading_;
  png_structp png_;
  png_infop info_;
};

/// libpng's simplified interface frees its state in png_image_free, which must run however we
/// leave.
struct PngWriter {
  png_image image{};
  PngWriter() { image.version = PNG_IMAGE_VERSION; }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_image_free(&image); }
};

}  // namespace

Image decode_png(std::string_view bytes, std::string_view origin) {
  PngReader png(bytes);
  if (!png.read_header()) refuse_image(origin, "PNG", png.reason());
  check_image_size(png.width(), png.height(), origin);
  Image image{
      .width = png.width(), .height = png.height(), .channels = png.channels(), .pixels = {}};
  const std::int64_t stride = image.width * image.channels;
  image.pixels.resize(static_cast<std::size_t>(image.height * stride));
  std::vector<png_bytep> rows;
  for (std::int64_t y = 0; y < image.height; ++y) rows.push_back(image.pixels.data() + y * stride);
  if (!png.read_rows(rows.data())) refuse_image(origin, "PNG", png.reason());
  return image;
}

bool has_png() {
  return true;
}

std::string encode_png(const Image& image) {
  PngWriter png;
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
