#include "platform/console/source_counts.h"

#include <optional>
#include <utility>

#include "platform/records/objects.h"

namespace millrace::console {

SourceCount SourceCounts::count(const std::string& job, bool ended, const std::string& bucket,
                                const std::string& prefix) {
  const std::string key = job + "\n" + bucket + "/" + prefix;
  const auto at = clock_();
  const auto known = state_.with([&](State& state) -> std::optional<SourceCount> {
    const auto found = state.by_key.find(key);
    if (found == state.by_key.end()) return std::nullopt;
    const Kept& kept = *found->second;
    // What was counted while it ran may have grown until it ended.
    const bool good = kept.ended || (!ended && at < kept.at + kFresh);
    return good ? std::optional(kept.count) : std::nullopt;
  });
  if (known) return *known;
  SourceCount count;
  database_.read([&](records::Connection& connection) {
    records::ObjectTable(connection)
        .scan(bucket, prefix, records::after_prefix(prefix),
              [&](const records::ObjectEntry& entry) -> records::ScanStep {
                count.more = count.objects == kMaxCounted;
                if (count.more) return {.kind = records::ScanStep::Kind::Stop, .from = {}};
                ++count.objects;
                count.bytes += entry.size;
                return {};
              });
  });
  state_.with([&](State& state) {
    if (const auto old = state.by_key.find(key); old != state.by_key.end()) {
      state.order.erase(old->second);
      state.by_key.erase(old);
    }
    state.order.push_front({.key = key, .count = count, .at = at, .ended = ended});
    state.by_key.emplace(key, state.order.begin());
    if (state.order.size() > kMaxKept) {
      state.by_key.erase(state.order.back().key);
      state.order.pop_back();
    }
  });
  return count;
}

}  // namespace millrace::console
