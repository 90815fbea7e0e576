#include "trainer/algorithms/kmeans/lloyd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {
namespace {

/// Three features without clear groups, and weights from 1 to 4.
struct Sample {
  Centres points{.features = 3, .values = {}};
  std::vector<double> weights;

  Sample() {
    for (int i = 0; i < 300; ++i) {
      points.values.insert(points.values.end(), {static_cast<float>(i * 37 % 101) / 10,
                                                 static_cast<float>(i * 53 % 97) / 10,
                                                 static_cast<float>(i * i % 89) / 20});
      weights.push_back(1 + i % 4);
    }
  }
};

Clustering attempt(const Sample& sample, const LloydOptions& options, std::uint64_t seed,
                   const std::stop_token& stop = {}) {
  std::mt19937_64 random(seed);
  return lloyd(sample.points, sample.weights, options, random, stop);
}

double best_of(const Sample& sample, const LloydOptions& options, std::uint64_t attempts) {
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t seed = 0; seed < attempts; ++seed)
    best = std::min(best, attempt(sample, options, seed).mean_squared_distance);
  return best;
}

TEST(Lloyd, FindsTheOptimumThatScikitLearnFinds) {
  // sklearn 1.2.1: KMeans(k, n_init=200, random_state=0, tol=0, max_iter=1000)
  //     .fit(points, sample_weight=weights).inertia_ / weights.sum()
  const Sample sample;
  for (const InitMethod init : {InitMethod::Random, InitMethod::PlusPlus}) {
    EXPECT_NEAR(best_of(sample, {.k = 3, .init = init, .tolerance = 0}, 60), 8.159615, 8e-5);
    // Of five centres there are many local optima within a thousandth of the best.
    EXPECT_NEAR(best_of(sample, {.k = 5, .init = init, .tolerance = 0}, 100), 5.213731, 5e-3);
  }
}

TEST(Lloyd, SaysTheDistanceOfWhatItReturns) {
  const Sample sample;
  for (const std::int64_t iterations : {1, 3, 300}) {
    const Clustering result = attempt(sample, {.k = 5, .max_iterations = iterations}, 1);
    std::vector<Nearest> nearest(sample.weights.size());
    NearestCentre(result.centres).find(sample.points.values.data(), nearest);
    double loss = 0, weight = 0;
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      loss += sample.weights[i] * static_cast<double>(nearest[i].squared_distance);
      weight += sample.weights[i];
    }
    EXPECT_NEAR(result.mean_squared_distance, loss / weight, 1e-9);
  }
}

TEST(Lloyd, MoreIterationsAndLessToleranceGetFurther) {
  const Sample sample;
  const auto reached = [&](std::int64_t iterations, double tolerance) {
    return attempt(sample, {.k = 5, .max_iterations = iterations, .tolerance = tolerance}, 2)
        .mean_squared_distance;
  };
  EXPECT_GT(reached(1, 0), reached(2, 0));
  EXPECT_GT(reached(2, 0), reached(300, 0));
  EXPECT_GT(reached(300, 0.5), reached(300, 0));
  // The first iteration that gains no more than the tolerance is the last.
  EXPECT_EQ(reached(300, 1), reached(1, 0));
}

TEST(Lloyd, ACentreWithoutPointsStartsAgainWhereItSavesMost) {
  // Three equal points and three others. Seeds taken at random are sometimes two of the equal ones
  // where only values that are equal are left; as few points as that need a fourth centre anyway.
  Sample sample;
  sample.points = {.features = 1, .values = {0, 0, 0, 10, 20, 21}};
  sample.weights = {1, 1, 1, 1, 1, 1};
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    EXPECT_EQ(attempt(sample, {.k = 4, .tolerance = 0}, seed).mean_squared_distance, 0) << seed;
    // Five centres for four values: one stays without points, and nothing breaks.
    const Clustering five = attempt(sample, {.k = 5, .tolerance = 0}, seed);
    EXPECT_EQ(five.mean_squared_distance, 0);
    EXPECT_EQ(five.centres.count(), 5);
  }
}

TEST(Lloyd, AStopEndsItEarly) {
  std::stop_source stop;
  stop.request_stop();
  const Sample sample;
  const auto reached = [&](std::uint64_t seed, std::int64_t iterations,
                           const std::stop_token& token) {
    return attempt(sample, {.k = 5, .max_iterations = iterations, .tolerance = 0}, seed, token)
        .mean_squared_distance;
  };
  int ended_early = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const double stopped = reached(seed, 300, stop.get_token());
    EXPECT_EQ(stopped, reached(seed, kIterationsWhenStopped, {}));
    ended_early += stopped > reached(seed, 300, {}) ? 1 : 0;
  }
  EXPECT_GT(ended_early, 0);
}

}  // namespace
}  // namespace millrace::kmeans
