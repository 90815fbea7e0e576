#include "trainer/algorithms/kmeans/first_rows.h"

namespace millrace::kmeans {

void FirstRows::collect(TabularPass& pass, Hosts& hosts, std::int64_t wanted) {
  std::vector<double> state(2);  // rows, and hosts that may have more
  bool open = true;
  do {
    const TabularBatch* const batch = open ? pass.next() : nullptr;
    open = batch != nullptr;
    if (open) batches_.push_back(*batch);
    state = {open ? static_cast<double>(batch->rows()) : 0.0, open ? 1.0 : 0.0};
    hosts.sum(state);
    rows_ += static_cast<std::int64_t>(state[0]);
  } while (rows_ < wanted && state[1] > 0);
}

std::vector<float> FirstRows::gather(Hosts& hosts) const {
  std::vector<float> mine, scratch;
  for (const TabularBatch& batch : batches_) {
    const std::span<const float> rows = batch.dense_features(scratch);
    mine.insert(mine.end(), rows.begin(), rows.end());
  }
  return hosts.gather(mine);
}

}  // namespace millrace::kmeans
