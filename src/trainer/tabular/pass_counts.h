#pragma once

#include <cstdint>

#include "trainer/tabular/metric_log.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace {

/// Batches and records of the passes over a channel, as the containers count them in their
/// `#metrics` records.
///
///     PassCounts counts;
///     while (const TabularBatch* batch = pass->next()) counts.add(*batch);
///     counts.report(metrics, {{"epoch", 0}, {"Meta", "training_data_iter"}}, start);
class PassCounts {
 public:
  void add(const TabularBatch& batch);
  /// Ends the pass: emits its record and begins the next one. `start` as of MetricLog::record.
  void report(MetricLog& log, Json dimensions, double start);

  /// Of the pass that is being counted.
  [[nodiscard]] std::int64_t records() const { return now_.records; }

 private:
  struct Counts {
    std::int64_t batches = 0;
    std::int64_t records = 0;
  };

  Counts now_, most_, total_;
  std::int64_t passes_ = 0;
};

}  // namespace millrace
