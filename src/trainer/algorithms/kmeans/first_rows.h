#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "trainer/tabular/hosts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::kmeans {

/// The beginning of a pass, which is looked at before it is trained on: the first batch of every
/// host, and more where there are too few rows for the centres that are to be taken from them.
class FirstRows {
 public:
  /// Reads on, batch by batch on all hosts together, until they have `wanted` rows in all or their
  /// data ends. Throws what reading throws.
  void collect(TabularPass& pass, Hosts& hosts, std::int64_t wanted);

  /// Of all hosts.
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Of this host, in order.
  [[nodiscard]] const std::vector<TabularBatch>& batches() const { return batches_; }
  /// The rows of all hosts, [rows, features], in the order in which one host would have read them
  /// where one batch of each was enough.
  [[nodiscard]] std::vector<float> gather(Hosts& hosts) const;

 private:
  std::int64_t rows_ = 0;
  std::vector<TabularBatch> batches_;
};

}  // namespace millrace::kmeans
