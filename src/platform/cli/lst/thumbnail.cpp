#include "platform/cli/lst/thumbnail.h"

#include "codec/shrink.h"
#include "core/base/text.h"

namespace millrace::cli {
namespace {

constexpr int kQuality = 80;

}  // namespace

std::string thumbnail_uri(std::string_view file, std::int64_t edge, std::string_view origin) {
  const Image small = decode_shrunk(file, edge, origin);
  return "data:image/jpeg;base64," + to_base64(encode_jpeg(small, kQuality));
}

}  // namespace millrace::cli
