#include "codec/image.h"

#include <cstdint>
#include <cstdlib>

#include "codec/exif.h"
#include "core/base/error.h"

namespace {

/// Whether a header may promise a picture of more than 1024 pixels in an edge: those cost memory
/// and time that no mutation is worth.
bool may_be_large(std::string_view file) {
  const auto large = [&](std::size_t at) {  // upper byte of a 16-bit size
    return at < file.size() && static_cast<std::uint8_t>(file[at]) > 3;
  };
  if (file.starts_with("\x89PNG")) {
    constexpr std::size_t kWidth = 16, kHeight = 20;  // 32 bits each
    for (const std::size_t field : {kWidth, kHeight}) {
      if (file.size() > field + 1 && (file[field] != 0 || file[field + 1] != 0)) return true;
      if (large(field + 2)) return true;
    }
    return false;
  }
  // A frame header: marker, length, precision, height, width.
  for (std::size_t at = file.find('\xff'); at != file.npos; at = file.find('\xff', at + 1)) {
    const bool frame =
        at + 1 < file.size() && (static_cast<std::uint8_t>(file[at + 1]) & 0xf0) == 0xc0;
    if (frame && (large(at + 5) || large(at + 7))) return true;
  }
  return false;
}

}  // namespace

/// Any bytes are refused as a damaged image, or become as many pixels as width, height and channels
/// say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const int orientation = exif_orientation(bytes);
  if (orientation < 1 || orientation > 8) std::abort();
  if (may_be_large(bytes)) return 0;
  try {
    const Image image = decode_image(bytes, "input");
    if (image.channels != 1 && image.channels != 3) std::abort();
    if (image.pixels.size() !=
        static_cast<std::size_t>(image.width * image.height * image.channels))
      std::abort();
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer || error.code() != kDamagedImage) std::abort();
  }
  return 0;
}
