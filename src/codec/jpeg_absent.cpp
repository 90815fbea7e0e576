#include "codec/image_formats.h"
#include "core/base/error.h"

namespace millrace {

bool has_jpeg() {
  return false;
}

Image decode_jpeg(std::string_view, std::string_view origin) {
  throw Error(Blame::Customer,
              std::string(origin) +
                  ": this build has no JPEG decoder. Use PNG images, or a trainer " +
                  "built with libturbojpeg.");
}

Image decode_jpeg_near(std::string_view bytes, std::int64_t, std::string_view origin) {
  return decode_jpeg(bytes, origin);
}

std::string encode_jpeg(const Image&, int, Chroma) {
  throw Error(Blame::Platform, "this build has no JPEG encoder: build with libturbojpeg");
}

}  // namespace millrace
