#include "core/data/idx.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr unsigned char kUnsignedByte = 0x08;
constexpr unsigned char kMaxDimensions = 4;

[[noreturn]] void refuse(std::string_view origin, std::string given, std::string expected) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(origin),
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = "Use the idx?-ubyte files of MNIST or Fashion-MNIST."});
}

}  // namespace

IdxArray read_idx(ByteSource& source, std::string_view origin, std::size_t max_bytes) {
  unsigned char magic[4] = {};
  const std::size_t got = read_full(source, {reinterpret_cast<char*>(magic), sizeof magic});
  if (got < sizeof magic || magic[0] != 0 || magic[1] != 0 || magic[2] != kUnsignedByte ||
      magic[3] == 0 || magic[3] > kMaxDimensions) {
    refuse(origin, "bytes " + to_hex({reinterpret_cast<const char*>(magic), got}),
           "an IDX header 0000 08 and 01 to 04");
  }
  IdxArray array;
  std::size_t count = 1;
  for (int dimension = 0; dimension < magic[3]; ++dimension) {
    unsigned char size[4];
    if (read_full(source, {reinterpret_cast<char*>(size), sizeof size}) < sizeof size) {
      refuse(origin, "the end of the file",
             "a size for each of the " + std::to_string(magic[3]) + " dimensions");
    }
    const std::size_t extent = std::size_t{size[0]} << 24 | std::size_t{size[1]} << 16 |
                               std::size_t{size[2]} << 8 | size[3];
    if (extent != 0 && count > max_bytes / extent) {
      refuse(origin, "more than " + human_bytes(max_bytes), "at most that many values");
    }
    count *= extent;
    array.shape.push_back(static_cast<std::int64_t>(extent));
  }
  array.values = read_all(source, max_bytes, origin);
  if (array.values.size() != count) {
    refuse(origin, std::to_string(array.values.size()) + " bytes",
           std::to_string(count) + " bytes of values");
  }
  return array;
}

}  // namespace millrace
