#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// The wire types of protocol buffers. Source: protobuf.dev, "Encoding".
enum class WireType : std::uint32_t {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  GroupBegin = 3,
  GroupEnd = 4,
  Fixed32 = 5,
};

/// Field number and wire type together; protobuf allows field numbers below 2^29.
inline constexpr std::uint64_t kMaxWireTag = 0xffffffff;

/// One field of a message as it stands on the wire.
struct WireField {
  std::uint32_t number = 0;
  WireType type{};
  /// The value's own bytes: a varint as encoded, 4 or 8 bytes, or the content of a length-delimited
  /// field. Empty for a group, which is passed over whole.
  std::string_view bytes;
};

/// Takes a varint off the front of `bytes` into `value`; false when it is cut off or longer than
/// ten bytes. Most have one byte, so that case stands where the compiler can put it into its
/// callers.
bool take_long_varint(std::string_view& bytes, std::uint64_t& value);
inline bool take_varint(std::string_view& bytes, std::uint64_t& value) {
  if (!bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) == 0) {
    value = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    return true;
  }
  return take_long_varint(bytes, value);
}

/// Takes a message apart field by field without copying.
///
///     WireCursor cursor(message);
///     while (std::optional<WireField> field = cursor.next()) ...
///     if (!cursor.problem().empty()) ...
class WireCursor {
 public:
  explicit WireCursor(std::string_view message) : rest_(message) {}

  /// The next field; nullopt at the end of the message, and where it is malformed.
  std::optional<WireField> next();

  /// Why next() stopped before the end, "a field that runs past the end" for one; empty when all is
  /// well.
  [[nodiscard]] std::string_view problem() const { return problem_; }
  /// Where next() stands, or stopped: a place in the message.
  [[nodiscard]] const char* position() const { return rest_.data(); }

 private:
  bool take_number(std::uint64_t& value);
  bool take_value(WireField& field, int group_depth);
  bool skip_group(std::uint32_t number, int depth);
  bool fail(std::string_view why);

  std::string_view rest_;
  std::string_view problem_;
};

// A message has a dozen fields and few bytes in each: calls would cost more than the work in them
// (DecodeDenseMessages in recordio_protobuf_bench.cpp), so the walk stands here.

inline bool WireCursor::fail(std::string_view why) {
  problem_ = why;
  return false;
}

inline bool WireCursor::take_number(std::uint64_t& value) {
  return take_varint(rest_, value) || fail("a number that does not end");
}

inline bool WireCursor::take_value(WireField& field, int group_depth) {
  std::uint64_t length = 0;
  const std::string_view before = rest_;
  switch (field.type) {
    case WireType::Varint:
      if (!take_number(length)) return false;
      field.bytes = before.substr(0, before.size() - rest_.size());
      return true;
    case WireType::Fixed64:
      length = 8;
      break;
    case WireType::Fixed32:
      length = 4;
      break;
    case WireType::Bytes:
      if (!take_number(length)) return false;
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

inline std::optional<WireField> WireCursor::next() {
  if (rest_.empty() || !problem_.empty()) return std::nullopt;
  std::uint64_t tag = 0;
  if (!take_number(tag)) return std::nullopt;
  WireField field{.number = static_cast<std::uint32_t>(tag >> 3),
                  .type = static_cast<WireType>(tag & 7),
                  .bytes = {}};
  if (tag > kMaxWireTag || field.number == 0) {
    fail("a field number that cannot be");
    return std::nullopt;
  }
  if (!take_value(field, 0)) return std::nullopt;
  return field;
}

void append_varint(std::string& out, std::uint64_t value);
/// Tag, length and content of a length-delimited field.
void append_bytes_field(std::string& out, std::uint32_t number, std::string_view content);

}  // namespace millrace
