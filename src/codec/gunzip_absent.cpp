#include "codec/gzip.h"
#include "core/base/error.h"

namespace millrace {

struct GzipSource::State {};

GzipSource::GzipSource(ByteSource&, std::string origin) {
  throw Error(Blame::Customer, origin +
                                   ": this build cannot unpack gzip. Unpack the file first, or use "
                                   "a build with ISA-L or zlib.");
}
GzipSource::~GzipSource() = default;
std::size_t GzipSource::read(std::span<char>) {
  return 0;
}

}  // namespace millrace
