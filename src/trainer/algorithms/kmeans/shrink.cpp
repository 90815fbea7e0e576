#include "trainer/algorithms/kmeans/shrink.h"

#include <algorithm>
#include <optional>
#include <random>

#include "trainer/algorithms/kmeans/seeding.h"

namespace millrace::kmeans {
namespace {

/// Attempts that are made before their results are compared: few enough to hold, enough for every
/// thread.
constexpr std::int64_t kAttemptsTogether = 32;

std::mt19937_64 source_of(std::int64_t seed, std::int64_t attempt) {
  std::seed_seq sequence{seed & 0xFFFFFFFF, seed >> 32, attempt};
  return std::mt19937_64(sequence);
}

void keep_best(Clustering attempt, std::vector<Clustering>& best) {
  const auto place = std::lower_bound(best.begin(), best.end(), attempt.mean_squared_distance,
                                      [](const Clustering& each, double distance) {
                                        return each.mean_squared_distance < distance;
                                      });
  if (place != best.end() && place->mean_squared_distance == attempt.mean_squared_distance) return;
  best.insert(place, std::move(attempt));
  if (best.size() > kBestAttempts) best.pop_back();
}

}  // namespace

std::vector<Clustering> shrink(
    const Centres& many, const std::vector<double>& counts, const Hyperparameters& h,
    const std::stop_token& stop, Team& team,
    const std::function<void(std::int64_t attempt, double msd)>& report) {
  std::vector<std::int64_t> full, empty;
  std::vector<double> weights;
  for (std::int64_t c = 0; c < many.count(); ++c) {
    const double count = counts[static_cast<std::size_t>(c)];
    (count > 0 ? full : empty).push_back(c);
    if (count > 0) weights.push_back(count);
  }
  if (full.empty()) {
    // Stopped before the first update: every centre is a row.
    full.swap(empty);
    weights.assign(full.size(), 1.0);
  }
  if (static_cast<std::int64_t>(full.size()) <= h.k) {
    const auto missing = h.k - static_cast<std::int64_t>(full.size());
    full.insert(full.end(), empty.begin(), empty.begin() + missing);
    return {{.centres = select(many, full)}};
  }
  const Centres points = select(many, full);
  const std::int64_t attempts = h.local_lloyd_num_trials.value_or(kAutoLloydTrials);
  std::vector<Clustering> best;
  for (std::int64_t first = 0; first < attempts; first += kAttemptsTogether) {
    std::vector<std::optional<Clustering>> results(
        static_cast<std::size_t>(std::min(kAttemptsTogether, attempts - first)));
    team.for_each(results.size(), [&](std::size_t i) {
      const std::int64_t attempt = first + static_cast<std::int64_t>(i);
      if (stop.stop_requested() && attempt > 0) return;
      std::mt19937_64 random = source_of(h.seed, attempt);
      results[i] = lloyd(points, weights,
                         {.k = h.k,
                          .init = h.local_lloyd_init_method,
                          .max_iterations = h.local_lloyd_max_iter,
                          .tolerance = h.local_lloyd_tol},
                         random, stop);
    });
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) continue;
      report(first + static_cast<std::int64_t>(i), results[i]->mean_squared_distance);
      keep_best(*std::move(results[i]), best);
    }
  }
  return best;
}

}  // namespace millrace::kmeans
