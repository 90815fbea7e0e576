// A framed body as a client may send it: the first byte chooses signatures, trailer and the size of
// reads.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "platform/aws/aws_chunked.h"

namespace {

/// At most `piece` bytes a read.
class Pieces final : public millrace::ByteSource {
 public:
  Pieces(std::string_view rest, std::size_t piece) : rest_(rest), piece_(piece) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = std::min({buffer.size(), piece_, rest_.size()});
    rest_.copy(buffer.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t piece_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace::aws;
  if (size < 1) return 0;
  const std::uint8_t choice = data[0];
  Pieces framed({reinterpret_cast<const char*>(data) + 1, size - 1}, 1U + (choice >> 2));
  std::optional<ChunkSignatures> signatures;
  if ((choice & 1) != 0)
    signatures.emplace(SigningScope{"20130524T000000Z", "us-east-1", "s3"}, "key", "seed");
  AwsChunked body(framed, std::move(signatures), (choice & 2) != 0);
  std::size_t total = 0;
  try {
    std::array<char, 300> block;
    while (const std::size_t got = body.read(block)) total += got;
    MILLRACE_CHECK(body.read(block) == 0);
  } catch (const millrace::Error& error) {
    MILLRACE_CHECK(error.blame() == millrace::Blame::Customer);
  }
  MILLRACE_CHECK(total < size);
  return 0;
}
