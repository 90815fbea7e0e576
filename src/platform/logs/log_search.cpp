#include "platform/logs/log_search.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <utility>

namespace millrace::logs {
namespace {

using records::LogEventRow;
using records::LogPosition;
using records::LogStreamRow;
using records::LogTable;

// What one request may look at; about a tenth of a second.
constexpr std::int64_t kMaxLookedAt = 50'000;
// Events fetched ahead of the merge, over all streams.
constexpr std::int64_t kFetchedAhead = 10'000;
constexpr std::int64_t kFetchedBytes = 256 * 1024;  // per stream

/// The events of one stream from some place on, fetched a block at a time.
class Cursor {
 public:
  Cursor(LogTable& table, const LogStreamRow& stream, records::LogRange range, std::int64_t block)
      : table_(table), stream_(stream), range_(std::move(range)), block_(block) {
    fetch();
  }

  [[nodiscard]] bool exhausted() const { return next_ == events_.size(); }
  [[nodiscard]] const LogStreamRow& stream() const { return stream_; }
  [[nodiscard]] const LogEventRow& front() const { return events_[next_]; }
  LogEventRow take() {
    LogEventRow event = std::move(events_[next_++]);
    if (exhausted()) {
      range_.after = event.position;
      fetch();
    }
    return event;
  }

 private:
  void fetch() {
    events_ = table_.read(stream_.id, range_, /*from_end=*/false,
                          {.events = block_, .bytes = kFetchedBytes});
    next_ = 0;
  }

  LogTable& table_;
  const LogStreamRow& stream_;
  records::LogRange range_;
  std::int64_t block_;
  std::vector<LogEventRow> events_;
  std::size_t next_ = 0;
};

/// Where a stream goes on when the merge stopped at `token`, in the order time, stream, sequence.
LogPosition after_token(const SearchToken& token, std::int64_t stream) {
  if (stream == token.stream) return token.position;
  if (stream < token.stream)
    return {.at = token.position.at, .sequence = std::numeric_limits<std::int64_t>::max()};
  return {.at = token.position.at, .sequence = 0};
}

bool outside(const LogStreamRow& stream, const LogSearch& search) {
  const std::int64_t from =
      search.after ? std::max(search.from, search.after->position.at) : search.from;
  return !stream.last_event_at || *stream.last_event_at < from ||
         (search.until && *stream.first_event_at > *search.until);
}

}  // namespace

std::vector<LogStreamRow> all_streams(LogTable& table, std::int64_t group,
                                      std::string_view prefix) {
  return table.list_streams(group, prefix, /*descending=*/false, std::nullopt,
                            std::numeric_limits<std::int64_t>::max());
}

LogSearchPage search_streams(LogTable& table, const std::vector<LogStreamRow>& streams,
                             const LogSearch& search, const FilterPattern& pattern) {
  std::vector<const LogStreamRow*> relevant;
  for (const LogStreamRow& stream : streams) {
    if (!outside(stream, search)) relevant.push_back(&stream);
  }
  const std::int64_t block = std::clamp<std::int64_t>(
      kFetchedAhead / std::max<std::int64_t>(1, static_cast<std::int64_t>(relevant.size())), 10,
      1000);

  std::vector<Cursor> cursors;
  cursors.reserve(relevant.size());
  const auto later = [&cursors](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) {
      const LogPosition& position = cursors[i].front().position;
      return std::tuple(position.at, cursors[i].stream().id, position.sequence);
    };
    return key(a) > key(b);
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> heap(later);
  for (const LogStreamRow* stream : relevant) {
    records::LogRange range{.before = std::nullopt, .from = search.from, .until = search.until};
    if (search.after) range.after = after_token(*search.after, stream->id);
    cursors.emplace_back(table, *stream, range, block);
    if (!cursors.back().exhausted()) heap.push(cursors.size() - 1);
  }

  LogSearchPage page;
  std::int64_t bytes = 0;
  std::optional<SearchToken> last;
  for (std::int64_t looked_at = 0; !heap.empty(); ++looked_at) {
    const std::size_t index = heap.top();
    const std::int64_t size =
        static_cast<std::int64_t>(cursors[index].front().message.size()) + LogTable::kEventOverhead;
    const bool matches = pattern.matches(cursors[index].front().message);
    const bool full = matches && !page.events.empty() &&
                      (static_cast<std::int64_t>(page.events.size()) >= search.max_events ||
                       bytes + size > search.max_bytes);
    if (full || looked_at >= kMaxLookedAt) {
      page.next = last;
      break;
    }
    heap.pop();
    LogEventRow event = cursors[index].take();
    last = SearchToken{.position = event.position, .stream = cursors[index].stream().id};
    if (matches) {
      bytes += size;
      page.events.push_back({.stream = cursors[index].stream().id,
                             .stream_name = cursors[index].stream().name,
                             .event = std::move(event)});
    }
    if (!cursors[index].exhausted()) heap.push(index);
  }
  return page;
}

}  // namespace millrace::logs
