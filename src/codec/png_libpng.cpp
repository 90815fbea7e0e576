#include <png.h>

#include <csetjmp>
#include <cstring>
#include <new>
#include <utility>

#include "codec/image_formats.h"
#include "core/base/error.h"

namespace millrace {
namespace {

// libpng leaves a failed call by longjmp, over which no C++ object may live: the functions that
// call setjmp have none, and all state is in the members of their objects.

struct Reason {
  char text[96] = "";
};

[[noreturn]] void fail(png_structp png, png_const_charp reason) {
  auto* told = static_cast<Reason*>(png_get_error_ptr(png));
  std::strncpy(told->text, reason, sizeof told->text - 1);
  std::longjmp(*png_set_longjmp_fn(png, std::longjmp, sizeof(std::jmp_buf)), 1);
}

/// Warnings are about chunks that no pixel depends on.
void ignore(png_structp, png_const_charp) {}

class PngReader {
 public:
  explicit PngReader(std::string_view bytes)
      : rest_(bytes),
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &reason_, &fail, &ignore)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, &rest_, &give_bytes);
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
  [[nodiscard]] const char* reason() const { return reason_.text; }

 private:
  static void give_bytes(png_structp png, png_bytep out, std::size_t count) {
    auto* rest = static_cast<std::string_view*>(png_get_io_ptr(png));
    if (count > rest->size()) png_error(png, "the file is cut off");
    std::memcpy(out, rest->data(), count);
    rest->remove_prefix(count);
  }

  std::string_view rest_;
  Reason reason_;
  png_structp png_;
  png_infop info_;
};

class PngWriter {
 public:
  PngWriter()
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &reason_, &fail, &ignore)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc();
    }
    png_set_write_fn(png_, &bytes_, &take_bytes, nullptr);
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
  [[nodiscard]] const char* reason() const { return reason_.text; }

 private:
  static void take_bytes(png_structp png, png_bytep bytes, std::size_t count) {
    static_cast<std::string*>(png_get_io_ptr(png))
        ->append(reinterpret_cast<const char*>(bytes), count);
  }

  std::string bytes_;
  Reason reason_;
  png_structp png_;
  png_infop info_;
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

std::string encode_png(const Image& image, int compression) {
  PngWriter png;
  if (!png.write(image, compression))
    throw Error(Blame::Platform, std::string("writing a PNG: ") + png.reason());
  return png.take();
}

}  // namespace millrace
