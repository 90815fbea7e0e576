#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

struct LogGroupRow {
  std::int64_t id = 0;
  std::string name;
  Time created_at{};
  std::int64_t stored_bytes = 0;  ///< of all its streams
};

struct LogStreamRow {
  std::int64_t id = 0;
  std::string name;
  Time created_at{};
  std::optional<std::int64_t> first_event_at;  ///< milliseconds, as all times of events
  std::optional<std::int64_t> last_event_at;
  std::optional<std::int64_t> last_ingestion_at;
  std::int64_t stored_bytes = 0;  ///< of the messages, in UTF-8
  std::int64_t events = 0;        ///< how many it has
};

/// Where an event stands in its stream: by time, and within a millisecond by order of arrival.
struct LogPosition {
  std::int64_t at = 0;
  std::int64_t sequence = 0;  ///< from 1

  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

struct LogEventRow {
  LogPosition position;
  std::int64_t ingested_at = 0;
  std::string message;
};

/// A part of a stream: positions strictly between `after` and `before`, times from `from` to
/// `until`, both included.
struct LogRange {
  LogPosition after{-1, 0};
  std::optional<LogPosition> before;
  std::int64_t from = 0;
  std::optional<std::int64_t> until;
};

class LogTable {
 public:
  explicit LogTable(Connection& connection) : connection_(connection) {}

  /// nullopt when the name is taken.
  std::optional<std::int64_t> insert_group(std::string_view account, std::string_view name,
                                           Time now);
  std::optional<std::int64_t> find_group(std::string_view account, std::string_view name);
  /// By name, strictly after `after`; names that begin with `prefix` and contain `part`.
  std::vector<LogGroupRow> list_groups(std::string_view account, std::string_view prefix,
                                       std::string_view part, std::string_view after,
                                       std::int64_t limit);
  /// With its streams and their events.
  void erase_group(std::int64_t group);

  std::optional<std::int64_t> insert_stream(std::int64_t group, std::string_view name, Time now);
  std::optional<LogStreamRow> find_stream(std::int64_t group, std::string_view name);
  /// By name, strictly behind `after` in the direction asked for.
  std::vector<LogStreamRow> list_streams(std::int64_t group, std::string_view prefix,
                                         bool descending, const std::optional<std::string>& after,
                                         std::int64_t limit);
  /// By the time of the last event (streams without one count as time 0), then name.
  struct AfterEvent {
    std::int64_t last_event_at = 0;
    std::string name;
  };
  std::vector<LogStreamRow> list_streams_by_event(std::int64_t group, bool descending,
                                                  const std::optional<AfterEvent>& after,
                                                  std::int64_t limit);
  void erase_stream(std::int64_t stream);

  /// Appends events in the order given (position.sequence is assigned here) and brings the stream's
  /// row up to date.
  void append(std::int64_t stream, const std::vector<LogEventRow>& events,
              std::int64_t ingested_at);
  /// The first events of the range in ascending order or, from the end, the last ones in descending
  /// order: at most `limit.events`, and no more than fit in `limit.bytes` of messages, but always
  /// one if there is one.
  struct Limit {
    std::int64_t events = 0;
    std::int64_t bytes = 0;  ///< each event counts its message and kEventOverhead
  };
  /// Events by the order of their arrival, from the `first` (from 1) on, at most `limit`, and
  /// as long as `use` returns true.
  void each_from(std::int64_t stream, std::int64_t first, std::int64_t limit,
                 const std::function<bool(std::int64_t sequence, std::int64_t at,
                                          std::string_view message)>& use);
  static constexpr std::int64_t kEventOverhead = 26;  ///< as CloudWatch counts
  std::vector<LogEventRow> read(std::int64_t stream, const LogRange& range, bool from_end,
                                const Limit& limit);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
