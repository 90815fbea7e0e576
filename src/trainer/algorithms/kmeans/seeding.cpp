#include "trainer/algorithms/kmeans/seeding.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "core/base/check.h"
#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {
namespace {

/// In [0, 1), with all 53 bits that a double has.
double unit(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

std::string_view bytes_of(const Centres& points, std::int64_t number) {
  return {reinterpret_cast<const char*>(points.row(number)),
          static_cast<std::size_t>(points.features) * sizeof(float)};
}

std::vector<std::int64_t> choose_random(const Centres& points, std::int64_t count,
                                        std::mt19937_64& random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(points.count()));
  std::iota(order.begin(), order.end(), 0);
  // Fisher and Yates, only as far as needed.
  std::unordered_set<std::string_view> seen;
  std::vector<std::int64_t> chosen, repeated;
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (static_cast<std::int64_t>(chosen.size()) == count) break;
    std::swap(order[at], order[at + random() % (order.size() - at)]);
    (seen.insert(bytes_of(points, order[at])).second ? chosen : repeated).push_back(order[at]);
  }
  const auto missing = static_cast<std::size_t>(count) - chosen.size();
  chosen.insert(chosen.end(), repeated.begin(),
                repeated.begin() + static_cast<std::ptrdiff_t>(missing));
  return chosen;
}

/// One of the numbers, with a chance proportional to its share; the sum must be above 0.
std::int64_t draw(const std::vector<double>& shares, std::mt19937_64& random) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  double rest = unit(random) * sum;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] <= 0) continue;
    last = static_cast<std::int64_t>(i);
    rest -= shares[i];
    if (rest < 0) break;
  }
  // Rounding may leave a rest behind the last one.
  return last;
}

/// What choosing a point would leave.
struct Choice {
  std::int64_t point = 0;
  double sum = 0;
  std::vector<double> distances;  ///< of each point to the nearest that is chosen
};

Choice choice_of(std::int64_t point, const Centres& points, std::span<const double> weights,
                 const std::vector<double>& before) {
  Choice choice{.point = point, .sum = 0, .distances = before};
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == 0) continue;
    const float* const other = points.row(static_cast<std::int64_t>(i));
    const auto distance =
        static_cast<double>(squared_distance(other, points.row(point), points.features));
    choice.distances[i] = std::min(before[i], distance);
    choice.sum += weights[i] * choice.distances[i];
  }
  choice.distances[static_cast<std::size_t>(point)] = 0;
  return choice;
}

std::vector<std::int64_t> choose_plus_plus(const SeedOptions& options, const Centres& points,
                                           std::span<const double> weights,
                                           std::mt19937_64& random) {
  const auto total = static_cast<std::size_t>(points.count());
  std::vector<bool> is_chosen(total);
  std::vector<double> distances(total, std::numeric_limits<double>::infinity());
  std::vector<double> shares(weights.begin(), weights.end());
  std::vector<std::int64_t> chosen;
  while (static_cast<std::int64_t>(chosen.size()) < options.count) {
    std::optional<Choice> best;
    if (std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0; })) {
      // The first one is drawn by weight alone.
      const std::int64_t candidates = chosen.empty() ? 1 : options.candidates;
      for (std::int64_t c = 0; c < candidates; ++c) {
        Choice choice = choice_of(draw(shares, random), points, weights, distances);
        if (!best || choice.sum < best->sum) best = std::move(choice);
      }
    } else {
      // What is left weighs nothing or equals what is chosen.
      const auto left = std::find(is_chosen.begin(), is_chosen.end(), false) - is_chosen.begin();
      best = choice_of(left, points, weights, distances);
    }
    chosen.push_back(best->point);
    is_chosen[static_cast<std::size_t>(best->point)] = true;
    distances = std::move(best->distances);
    for (std::size_t i = 0; i < total; ++i) shares[i] = weights[i] * distances[i];
  }
  return chosen;
}

}  // namespace

std::vector<std::int64_t> choose_seeds(const SeedOptions& options, const Centres& points,
                                       std::span<const double> weights, std::mt19937_64& random) {
  MILLRACE_CHECK(options.count <= points.count());
  if (options.method == InitMethod::Random) return choose_random(points, options.count, random);
  const std::vector<double> ones(weights.empty() ? static_cast<std::size_t>(points.count()) : 0,
                                 1.0);
  return choose_plus_plus(options, points, weights.empty() ? std::span(ones) : weights, random);
}

Centres select(const Centres& points, std::span<const std::int64_t> numbers) {
  Centres chosen{.features = points.features, .values = {}};
  chosen.values.reserve(numbers.size() * static_cast<std::size_t>(points.features));
  for (const std::int64_t number : numbers)
    chosen.values.insert(chosen.values.end(), points.row(number),
                         points.row(number) + points.features);
  return chosen;
}

}  // namespace millrace::kmeans
