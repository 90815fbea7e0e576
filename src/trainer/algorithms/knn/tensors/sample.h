#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "trainer/algorithms/knn/reservoir.h"
#include "trainer/algorithms/knn/tensors/preparation.h"
#include "trainer/learn/cluster.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::knn {

/// A uniform sample of the rows of a stream, as prepared vectors one behind the other: memory is
/// that of the sample, however wide its rows were before a reduction.
class Sample {
 public:
  /// `preparation` must outlive this.
  Sample(const Preparation& preparation, std::int64_t capacity, std::uint64_t seed);

  void add(const TabularBatch& batch);

  /// Puts the samples of all hosts together, on those that keep them; on the others this one ends
  /// up empty. Rows are in the order of `first` of their hosts and, where two hosts had parts of
  /// the same stream, in the order of the stream: what is sampled whole is then the same for any
  /// number of hosts.
  void join(Cluster& cluster, bool keep, bool one_stream);

  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(labels_.size()); }
  /// [rows, dimension] and [rows]; both are handed over.
  std::vector<float> take_vectors() { return std::move(vectors_); }
  std::vector<float> take_labels() { return std::move(labels_); }

 private:
  void sort_by_place();

  const Preparation& preparation_;
  std::size_t width_;
  Reservoir reservoir_;
  std::vector<float> vectors_;
  std::vector<float> labels_;
  std::vector<std::int64_t> places_;  ///< of the rows in their stream
};

}  // namespace millrace::knn
