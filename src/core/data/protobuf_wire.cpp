#include "core/data/protobuf_wire.h"

namespace millrace {
namespace {

constexpr std::size_t kMaxVarintBytes = 10;
/// Groups are obsolete and the schemas here have none; as unknown fields they may still nest.
constexpr int kMaxGroupDepth = 64;
constexpr std::uint64_t kMaxTag = 0xffffffff;

}  // namespace

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= std::uint64_t{byte & 0x7fu} << (7 * i);
    if ((byte & 0x80) == 0) {
      bytes.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
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

bool WireCursor::fail(std::string_view why) {
  problem_ = why;
  return false;
}

bool WireCursor::take_varint(std::uint64_t& value) {
  const std::optional<std::uint64_t> taken = millrace::take_varint(rest_);
  if (!taken) return fail("a number that does not end");
  value = *taken;
  return true;
}

bool WireCursor::skip_group(std::uint32_t number, int depth) {
  if (depth > kMaxGroupDepth) return fail("groups nested deeper than 64");
  while (!rest_.empty()) {
    std::uint64_t tag = 0;
    if (!take_varint(tag)) return false;
    WireField field{.number = static_cast<std::uint32_t>(tag >> 3),
                    .type = static_cast<WireType>(tag & 7),
                    .bytes = {}};
    if (tag > kMaxTag || field.number == 0) return fail("a field number that cannot be");
    if (field.type == WireType::GroupEnd)
      return field.number == number || fail("the end of another group");
    if (!take_value(field, depth)) return false;
  }
  return fail("a group that does not end");
}

bool WireCursor::take_value(WireField& field, int group_depth) {
  std::uint64_t length = 0;
  const std::string_view before = rest_;
  switch (field.type) {
    case WireType::Varint:
      if (!take_varint(length)) return false;
      field.bytes = before.substr(0, before.size() - rest_.size());
      return true;
    case WireType::Fixed64:
      length = 8;
      break;
    case WireType::Fixed32:
      length = 4;
      break;
    case WireType::Bytes:
      if (!take_varint(length)) return false;
      break;
    case WireType::GroupBegin:
      return skip_group(field.number, group_depth + 1);
    default:
      return fail("a wire type that cannot be");
  }
  if (length > rest_.size()) return fail("a field that runs past the end");
  field.bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return true;
}

std::optional<WireField> WireCursor::next() {
  if (rest_.empty() || !problem_.empty()) return std::nullopt;
  std::uint64_t tag = 0;
  if (!take_varint(tag)) return std::nullopt;
  WireField field{.number = static_cast<std::uint32_t>(tag >> 3),
                  .type = static_cast<WireType>(tag & 7),
                  .bytes = {}};
  if (tag > kMaxTag || field.number == 0) {
    fail("a field number that cannot be");
    return std::nullopt;
  }
  if (!take_value(field, 0)) return std::nullopt;
  return field;
}

}  // namespace millrace
