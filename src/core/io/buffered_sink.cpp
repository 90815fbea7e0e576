#include "core/io/buffered_sink.h"

namespace millrace {

void BufferedSink::write(std::span<const char> bytes) {
  offset_ += bytes.size();
  if (bytes.size() >= kCollectBytes) {  // larger than what is gained by copying it
    finish();
    sink_.write(bytes);
    return;
  }
  collected_.append(bytes.data(), bytes.size());
  if (collected_.size() >= kCollectBytes) finish();
}

void BufferedSink::finish() {
  if (!collected_.empty()) sink_.write(collected_);
  collected_.clear();
}

}  // namespace millrace
