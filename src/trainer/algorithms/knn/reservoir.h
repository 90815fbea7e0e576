#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace millrace::knn {

/// Decides which rows of a stream of unknown length make up a uniform sample without replacement,
/// and leaves keeping them to the caller. Until the reservoir is full, rows stand in it in the
/// order of the stream. Vitter, "Random Sampling with a Reservoir", ACM TOMS 1985, algorithm R.
class Reservoir {
 public:
  Reservoir(std::int64_t capacity, std::uint64_t seed) : capacity_(capacity), random_(seed) {}

  struct Kept {
    std::int64_t row = 0;    ///< of the batch
    std::int64_t place = 0;  ///< in the reservoir; a later row of the same place replaces it
  };
  /// Of the next `rows` rows of the stream. Valid until the following call.
  const std::vector<Kept>& next(std::int64_t rows);

 private:
  std::int64_t capacity_;
  std::mt19937_64 random_;
  std::int64_t seen_ = 0;
  std::vector<Kept> kept_;
};

}  // namespace millrace::knn
