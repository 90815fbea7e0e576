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

/// One field of a message as it stands on the wire.
struct WireField {
  std::uint32_t number = 0;
  WireType type{};
  /// The value's own bytes: a varint as encoded, 4 or 8 bytes, or the content of a length-delimited
  /// field. Empty for a group, which is passed over whole.
  std::string_view bytes;
};

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
  bool take_varint(std::uint64_t& value);
  bool take_value(WireField& field, int group_depth);
  bool skip_group(std::uint32_t number, int depth);
  bool fail(std::string_view why);

  std::string_view rest_;
  std::string_view problem_;
};

/// Takes a varint off the front of `bytes`; nullopt when it is cut off or longer than ten bytes.
std::optional<std::uint64_t> take_varint(std::string_view& bytes);

void append_varint(std::string& out, std::uint64_t value);
/// Tag, length and content of a length-delimited field.
void append_bytes_field(std::string& out, std::uint32_t number, std::string_view content);

}  // namespace millrace
