#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::store {

/// Bytes of an object.
struct ByteRange {
  std::int64_t offset = 0;
  std::int64_t length = 0;

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// The Range header of a read: "bytes=2-4", "bytes=7-" or "bytes=-3". nullopt for what RFC 9110
/// says to ignore: another unit, several ranges, malformed text. Throws Error(Customer,
/// InvalidRange) when nothing of it lies in the object.
std::optional<ByteRange> parse_range(std::string_view header, std::int64_t object_size);

/// x-amz-copy-source-range, which has both ends and must lie in the object. Throws Error(Customer,
/// InvalidArgument).
ByteRange parse_copy_range(std::string_view header, std::int64_t object_size);

/// "bytes 2-4/10"
std::string content_range(const ByteRange& range, std::int64_t object_size);

}  // namespace millrace::store
