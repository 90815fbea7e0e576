#include "trainer/tabular/pass_counts.h"

#include <algorithm>
#include <utility>

namespace millrace {

void PassCounts::add(const TabularBatch& batch) {
  ++now_.batches;
  now_.records += batch.rows();
}

void PassCounts::report(MetricLog& log, Json dimensions, double start) {
  most_ = {.batches = std::max(most_.batches, now_.batches),
           .records = std::max(most_.records, now_.records)};
  total_ = {.batches = total_.batches + now_.batches, .records = total_.records + now_.records};
  ++passes_;
  log.record({{"Max Batches Seen Between Resets", static_cast<double>(most_.batches)},
              {"Number of Batches Since Last Reset", static_cast<double>(now_.batches)},
              {"Number of Records Since Last Reset", static_cast<double>(now_.records)},
              {"Total Batches Seen", static_cast<double>(total_.batches)},
              {"Total Records Seen", static_cast<double>(total_.records)},
              {"Max Records Seen Between Resets", static_cast<double>(most_.records)},
              {"Reset Count", static_cast<double>(passes_)}},
             std::move(dimensions), start);
  now_ = {};
}

}  // namespace millrace
