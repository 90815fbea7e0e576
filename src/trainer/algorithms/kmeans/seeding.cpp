#include "trainer/algorithms/kmeans/seeding.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_set>

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

std::vector<std::int64_t> choose_plus_plus(const Centres& points, std::span<const double> weights,
                                           std::int64_t count, std::mt19937_64& random) {
  const auto total = static_cast<std::size_t>(points.count());
  std::vector<double> weight(total, 1.0);
  if (!weights.empty()) weight.assign(weights.begin(), weights.end());
  std::vector<bool> is_chosen(total);
  std::vector<double> distances(total, std::numeric_limits<double>::infinity()), shares = weight;
  std::vector<std::int64_t> chosen;
  while (static_cast<std::int64_t>(chosen.size()) < count) {
    const bool any = std::any_of(shares.begin(), shares.end(), [](double s) { return s > 0; });
    // What is left weighs nothing or equals what is chosen.
    const std::int64_t next =
        any ? draw(shares, random)
            : std::find(is_chosen.begin(), is_chosen.end(), false) - is_chosen.begin();
    chosen.push_back(next);
    is_chosen[static_cast<std::size_t>(next)] = true;
    for (std::size_t i = 0; i < total; ++i) {
      if (distances[i] == 0) continue;
      const auto distance = static_cast<double>(squared_distance(
          points.row(static_cast<std::int64_t>(i)), points.row(next), points.features));
      distances[i] = is_chosen[i] ? 0 : std::min(distances[i], distance);
      shares[i] = weight[i] * distances[i];
    }
  }
  return chosen;
}

}  // namespace

std::vector<std::int64_t> choose_seeds(InitMethod method, const Centres& points,
                                       std::span<const double> weights, std::int64_t count,
                                       std::mt19937_64& random) {
  MILLRACE_CHECK(count <= points.count());
  if (method == InitMethod::Random) return choose_random(points, count, random);
  return choose_plus_plus(points, weights, count, random);
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
