#include "core/data/protobuf_wire.h"

namespace millrace {
namespace {

constexpr std::size_t kMaxVarintBytes = 10;
/// Groups are obsolete and the schemas here have none; as unknown fields they may still nest.
constexpr int kMaxGroupDepth = 64;

}  // namespace

bool take_long_varint(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= std::uint64_t{byte & 0x7fu} << (7 * i);
    if ((byte & 0x80) == 0) {
      bytes.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_bytes_field(std::string& out, std::uint32_t number, std::string_view content) {
  append_varint(out, std::uint64_t{number} << 3 | static_cast<std::uint64_t>(WireType::Bytes));
  append_varint(out, content.size());
  out += content;
}

bool WireCursor::skip_group(std::uint32_t number, int depth) {
  if (depth > kMaxGroupDepth) return fail("groups nested deeper than 64");
  while (!rest_.empty()) {
    std::uint64_t tag = 0;
    if (!take_number(tag)) return false;
    WireField field{.number = static_cast<std::uint32_t>(tag >> 3),
                    .type = static_cast<WireType>(tag & 7),
                    .bytes = {}};
    if (tag > kMaxWireTag || field.number == 0) return fail("a field number that cannot be");
    if (field.type == WireType::GroupEnd)
      return field.number == number || fail("the end of another group");
    if (!take_value(field, depth)) return false;
  }
  return fail("a group that does not end");
}

}  // namespace millrace
