#include "codec/zstd.h"
#include "core/base/error.h"

namespace millrace {

struct ZstdSource::State {};

ZstdSource::ZstdSource(ByteSource&, std::string origin) {
  throw Error(Blame::Platform,
              origin + " is packed with zstd, which this build cannot unpack: build with libzstd");
}
ZstdSource::~ZstdSource() = default;
std::size_t ZstdSource::read(std::span<char>) {
  return 0;
}

}  // namespace millrace
