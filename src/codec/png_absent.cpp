#include "codec/image_formats.h"
#include "core/base/error.h"

namespace millrace {

Image decode_png(std::string_view, std::string_view origin) {
  throw Error(Blame::Customer,
              std::string(origin) +
                  ": this build has no PNG decoder. Use JPEG images, or a trainer " +
                  "built with libpng.");
}

bool has_png() {
  return false;
}

std::string encode_png(const Image&, int) {
  throw Error(Blame::Platform, "this build has no PNG encoder: build with libpng");
}

}  // namespace millrace
