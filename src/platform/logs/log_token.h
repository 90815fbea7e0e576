#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/records/log_events.h"

namespace millrace::logs {

/// Where a client stands in a stream, as it travels in nextToken: "f/" or "b/" and digits, like the
/// real service's. A forward token reads what comes strictly after its position, a backward token
/// what stands strictly before it.
struct LogToken {
  enum class Direction { Forward, Backward };

  Direction direction = Direction::Forward;
  records::LogPosition position;

  [[nodiscard]] std::string text() const;
  /// nullopt for text that no text() gave.
  static std::optional<LogToken> parse(std::string_view text);
};

/// Where a search over several streams goes on: strictly after this event, in the order time,
/// stream, sequence.
struct SearchToken {
  records::LogPosition position;
  std::int64_t stream = 0;

  [[nodiscard]] std::string text() const;
  static std::optional<SearchToken> parse(std::string_view text);
};

}  // namespace millrace::logs
