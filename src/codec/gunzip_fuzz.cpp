#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "codec/gzip.h"
#include "core/base/error.h"

namespace {

/// Enough for every input a fuzzer makes, little enough for a bomb to be harmless.
constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

/// `step`: how many bytes each read asks for.
std::optional<std::string> ours(std::string_view packed, std::size_t step) {
  try {
    millrace::MemorySource source(packed);
    millrace::GzipSource gzip(source, "input");
    std::string text;
    std::string block(step, '\0');
    while (const std::size_t got = gzip.read(block)) {
      text.append(block, 0, got);
      if (text.size() > kMaxBytes) return text.substr(0, kMaxBytes);
    }
    return text;
  } catch (const millrace::Error&) {
    return std::nullopt;
  }
}

/// zlib's opinion, with our rule for what may follow the last member.
std::optional<std::string> zlibs(std::string_view packed) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) std::abort();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::string block(64 * 1024, '\0');
  std::optional<std::string> result;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    text.append(block, 0, block.size() - stream.avail_out);
    if (text.size() > kMaxBytes) {
      result = text.substr(0, kMaxBytes);
      break;
    }
    if (status == Z_STREAM_END) {
      const std::string_view rest = packed.substr(packed.size() - stream.avail_in);
      if (rest.find_first_not_of('\0') == std::string_view::npos) {
        result = text;
        break;
      }
      if (rest.front() != '\x1f') break;
      inflateReset(&stream);
    } else if (status != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      break;
    }
  }
  inflateEnd(&stream);
  return result;
}

}  // namespace

/// What we unpack and what we refuse must be what zlib does, however the reads are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view packed(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::optional<std::string> expected = zlibs(packed);
  if (ours(packed, 64 * 1024) != expected) std::abort();
  if (ours(packed, 1 + data[0]) != expected) std::abort();
  return 0;
}
