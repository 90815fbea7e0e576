#include "codec/gzip.h"
#include "core/base/error.h"

namespace millrace {

struct GzipSink::State {};

GzipSink::GzipSink(ByteSink&) {
  throw Error(Blame::Platform, "this build cannot pack gzip: build with zlib or ISA-L");
}
GzipSink::~GzipSink() = default;
void GzipSink::write(std::span<const char>) {}
void GzipSink::finish() {}

}  // namespace millrace
