#include "trainer/algorithms/kmeans/lloyd.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/base/check.h"
#include "trainer/algorithms/kmeans/nearest.h"
#include "trainer/algorithms/kmeans/seeding.h"

namespace millrace::kmeans {
namespace {

/// Weighted sums of the points of each centre.
class Sums {
 public:
  Sums(std::int64_t k, std::int64_t features)
      : features_(static_cast<std::size_t>(features)),
        points_(static_cast<std::size_t>(k) * features_),
        weights_(static_cast<std::size_t>(k)),
        counts_(static_cast<std::size_t>(k)) {}

  void add(std::int32_t centre, const float* point, double weight, int times = 1) {
    const auto at = static_cast<std::size_t>(centre);
    double* const sum = points_.data() + at * features_;
    for (std::size_t i = 0; i < features_; ++i)
      sum[i] += times * weight * static_cast<double>(point[i]);
    weights_[at] += times * weight;
    counts_[at] += times;
  }
  void remove(std::int32_t centre, const float* point, double weight) {
    add(centre, point, weight, -1);
  }

  [[nodiscard]] std::int64_t points_of(std::int32_t centre) const {
    return counts_[static_cast<std::size_t>(centre)];
  }

  /// A centre without points stays where it is.
  void means_into(Centres& centres) const {
    for (std::size_t c = 0; c < counts_.size(); ++c) {
      if (counts_[c] == 0) continue;
      float* const into = centres.values.data() + c * features_;
      for (std::size_t i = 0; i < features_; ++i)
        into[i] = static_cast<float>(points_[c * features_ + i] / weights_[c]);
    }
  }

 private:
  std::size_t features_;
  std::vector<double> points_;   ///< [k, features]
  std::vector<double> weights_;  ///< [k]
  std::vector<std::int64_t> counts_;
};

/// Gives each centre without points the costliest point that its centre can spare.
void reseed_empty(Sums& sums, const Centres& points, std::span<const double> weights,
                  std::span<const Nearest> nearest, std::int64_t k) {
  std::vector<std::int32_t> empty;
  for (std::int32_t c = 0; c < k; ++c) {
    if (sums.points_of(c) == 0) empty.push_back(c);
  }
  if (empty.empty()) return;
  const auto cost = [&](std::size_t i) {
    return weights[i] * static_cast<double>(nearest[i].squared_distance);
  };
  std::vector<std::size_t> costliest(nearest.size());
  std::iota(costliest.begin(), costliest.end(), 0);
  std::stable_sort(costliest.begin(), costliest.end(),
                   [&](std::size_t a, std::size_t b) { return cost(a) > cost(b); });
  std::size_t next = 0;
  for (const std::int32_t centre : empty) {
    while (next < costliest.size() && sums.points_of(nearest[costliest[next]].centre) < 2) ++next;
    if (next == costliest.size() || cost(costliest[next]) <= 0) return;
    const std::size_t moved = costliest[next++];
    const float* const point = points.row(static_cast<std::int64_t>(moved));
    sums.remove(nearest[moved].centre, point, weights[moved]);
    sums.add(centre, point, weights[moved]);
  }
}

}  // namespace

Clustering lloyd(const Centres& points, std::span<const double> weights,
                 const LloydOptions& options, std::mt19937_64& random,
                 const std::stop_token& stop) {
  MILLRACE_CHECK(points.count() > options.k && points.count() == std::ssize(weights));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  // As many candidates as scikit-learn draws: with many centres, a plain draw leaves some groups
  // without one and gives others two, which Lloyd's method cannot mend.
  const SeedOptions seeding{
      .method = options.init,
      .count = options.k,
      .candidates = 2 + static_cast<std::int64_t>(std::log(static_cast<double>(options.k)))};
  Clustering result{.centres = select(points, choose_seeds(seeding, points, weights, random))};
  std::vector<Nearest> nearest(weights.size());
  NearestCentre search;
  for (std::int64_t iteration = 0;; ++iteration) {
    search.set(result.centres);
    search.find(points.values.data(), nearest);
    double loss = 0;
    for (std::size_t i = 0; i < nearest.size(); ++i)
      loss += weights[i] * static_cast<double>(nearest[i].squared_distance);
    loss /= total;
    const double gain = result.mean_squared_distance - loss;
    const bool settled = iteration > 0 && gain <= options.tolerance * result.mean_squared_distance;
    result.mean_squared_distance = loss;
    const bool stopped = iteration >= kIterationsWhenStopped && stop.stop_requested();
    if (settled || stopped || iteration == options.max_iterations) return result;
    Sums sums(options.k, points.features);
    for (std::size_t i = 0; i < nearest.size(); ++i)
      sums.add(nearest[i].centre, points.row(static_cast<std::int64_t>(i)), weights[i]);
    reseed_empty(sums, points, weights, nearest, options.k);
    sums.means_into(result.centres);
  }
}

}  // namespace millrace::kmeans
