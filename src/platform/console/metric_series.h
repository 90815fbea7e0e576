#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/base/guarded.h"
#include "platform/console/metric_pyramid.h"
#include "platform/records/database.h"
#include "platform/records/metrics.h"

namespace millrace::console {

/// Pyramids of the series that charts show, built when they are first asked for and brought up to
/// date with each question. Those not asked for longest are dropped where all together would take
/// more memory than is allowed.
class MetricSeries {
 public:
  static constexpr std::size_t kDefaultBytes = std::size_t{256} << 20;  ///< some ten million points

  /// `database` must outlive this.
  explicit MetricSeries(records::Database& database, std::size_t max_bytes = kDefaultBytes)
      : database_(database), max_bytes_(max_bytes) {}

  /// Calls `use` with the pyramid of a metric, up to date; other questions about it wait meanwhile.
  template <class Use>
  auto with(const records::MetricRow& metric, Use&& use) {
    const std::shared_ptr<Entry> entry = find(metric.id);
    const std::lock_guard lock(entry->mutex);
    refresh(*entry, metric);
    return std::forward<Use>(use)(std::as_const(entry->pyramid));
  }

  /// Bytes of all pyramids that are kept.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Entry {
    std::mutex mutex;
    MetricPyramid pyramid;     ///< under the mutex, as the next
    std::int64_t written = 0;  ///< how many of the metric's points are in it
  };
  struct Kept {
    std::int64_t metric = 0;
    std::shared_ptr<Entry> entry;
    std::size_t bytes = 0;
  };
  struct State {
    std::list<Kept> order;  ///< last used first
    std::unordered_map<std::int64_t, std::list<Kept>::iterator> by_metric;
    std::size_t bytes = 0;
  };

  std::shared_ptr<Entry> find(std::int64_t metric);
  void build(Entry& entry, const records::MetricRow& metric);
  void refresh(Entry& entry, const records::MetricRow& metric);
  void account(std::int64_t metric, std::size_t bytes);

  records::Database& database_;
  const std::size_t max_bytes_;
  Guarded<State> state_;
};

}  // namespace millrace::console
