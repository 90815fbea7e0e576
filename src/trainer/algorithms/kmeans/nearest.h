#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::kmeans {

/// Where a row belongs.
struct Nearest {
  std::int32_t centre = 0;     ///< the first of equally near ones
  float squared_distance = 0;  ///< not finite where the row is not, or is too large to be squared
};

/// Finds the nearest of some centres for many rows. With |x - c|^2 = |x|^2 + 2 (|c|^2 / 2 - x c)
/// the search is a matrix product whose scores are compared while they are in registers and never
/// written; rows and centres are taken relative to the mean of the centres first, so that a large
/// offset common to all does not drown the differences. The distance to the centre that is found is
/// then computed from its definition.
///
///     const NearestCentre nearest(centres);
///     std::vector<Nearest> found(batch.rows());
///     nearest.find(batch, 0, found);
///
/// find() may be called from several threads at once.
class NearestCentre {
 public:
  NearestCentre() = default;
  /// `lanes` numbers at a time at most, or as many as the CPU's registers hold if those are fewer:
  /// 16, 8 or 4. What is found may differ in the last bit.
  explicit NearestCentre(const Centres& centres, int lanes = kMostLanes) : lanes_(lanes) {
    set(centres);
  }

  /// Other centres from now on; memory is kept.
  void set(const Centres& centres);

  /// Of the rows of `batch` from `begin` on, as many as `found` has room for.
  void find(const TabularBatch& batch, std::int64_t begin, std::span<Nearest> found) const;
  /// Of dense rows, [found.size(), features].
  void find(const float* rows, std::span<Nearest> found) const;
  /// Also the squared distances to the second nearest centres, within the rounding of the scores;
  /// infinite where there is but one.
  void find_two(const float* rows, std::span<Nearest> found, std::span<float> second) const;

 private:
  static constexpr int kMostLanes = 16;

  void search(const float* rows, std::span<Nearest> found, std::span<float> second) const;

  int lanes_ = kMostLanes;
  Centres centres_;
  std::vector<float> origin_;  ///< [features]
  /// [panels, features, panel_width]: centres side by side in panels, relative to the origin.
  std::vector<float> panels_;
  std::vector<float> half_norms_;  ///< [panels, panel_width]; beyond the last centre infinite
};

/// |a - b|^2 of two points of `features` numbers.
float squared_distance(const float* a, const float* b, std::int64_t features);

}  // namespace millrace::kmeans
