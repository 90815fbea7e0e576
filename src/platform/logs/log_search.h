#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/logs/filter_pattern.h"
#include "platform/logs/log_token.h"
#include "platform/records/log_events.h"

namespace millrace::logs {

struct LogSearch {
  std::int64_t from = 0;              ///< milliseconds, included
  std::optional<std::int64_t> until;  ///< included
  std::optional<SearchToken> after;   ///< where the page before ended
  std::int64_t max_events = 0;
  std::int64_t max_bytes = 0;
};

struct FoundEvent {
  std::int64_t stream = 0;
  std::string stream_name;
  records::LogEventRow event;
};

struct LogSearchPage {
  std::vector<FoundEvent> events;
  std::optional<SearchToken> next;  ///< absent when everything has been searched
};

/// Every stream of a group whose name begins with `prefix`.
std::vector<records::LogStreamRow> all_streams(records::LogTable& table, std::int64_t group,
                                               std::string_view prefix);

/// Merges the streams by time and returns the events that match. Looks at a bounded number of
/// events, so a page may end early with `next` set; memory depends neither on the number of events
/// nor on how many match.
LogSearchPage search_streams(records::LogTable& table,
                             const std::vector<records::LogStreamRow>& streams,
                             const LogSearch& search, const FilterPattern& pattern);

}  // namespace millrace::logs
