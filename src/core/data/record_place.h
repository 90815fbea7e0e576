#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

/// Where in a stream of records something is wrong.
struct RecordPlace {
  std::string_view origin;  ///< file or channel, for messages
  std::int64_t record = 0;  ///< from 0
  std::uint64_t byte = 0;   ///< in the stream, from 0
};

/// "a.rec, record 3".
std::string record_origin(std::string_view origin, std::int64_t record);

/// Throws Error(Customer) "<origin>, record N, byte B: got "given", expected <expected>. <fix>".
[[noreturn]] void refuse_record(const RecordPlace& place, std::string given, std::string expected,
                                std::string fix);

}  // namespace millrace
