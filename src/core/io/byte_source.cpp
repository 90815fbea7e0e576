#include "core/io/byte_source.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {

std::size_t MemorySource::read(std::span<char> buffer) {
  const std::size_t count = std::min(buffer.size(), rest_.size());
  std::memcpy(buffer.data(), rest_.data(), count);
  rest_.remove_prefix(count);
  return count;
}

std::size_t read_full(ByteSource& source, std::span<char> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::size_t got = source.read(buffer.subspan(filled));
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

std::string read_all(ByteSource& source, std::size_t max_bytes, std::string_view what) {
  std::string text;
  char block[16 * 1024];
  while (const std::size_t got = source.read(block)) {
    if (text.size() + got > max_bytes) {
      throw Error(Blame::Customer, std::string(what) + " is larger than the limit of " + human_bytes(max_bytes));
    }
    text.append(block, got);
  }
  return text;
}

std::size_t copy(ByteSource& source, ByteSink& sink) {
  constexpr std::size_t kBlockBytes = 256 * 1024;
  std::vector<char> block(kBlockBytes);
  std::size_t total = 0;
  while (const std::size_t got = source.read(block)) {
    sink.write(std::span<const char>(block.data(), got));
    total += got;
  }
  return total;
}

}  // namespace millrace
