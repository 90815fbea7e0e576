#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/hyperparameters.h"

namespace millrace::kmeans {

/// Numbers of `count` different ones of `points`, from which clustering begins. `weights`, of as
/// many values as there are points, say how many rows each stands for; empty: one each. Points that
/// are equal are taken together only when there are too few others. `count` is at most
/// points.count().
///
/// Random: each point with the same chance. PlusPlus: the first with a chance proportional to its
/// weight, each next one to its weight times the squared distance to the nearest that is chosen.
/// Of `candidates` drawn so, the one is taken that leaves the least sum of those products. Arthur
/// and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007, section 7.
struct SeedOptions {
  InitMethod method = InitMethod::Random;
  std::int64_t count = 0;
  std::int64_t candidates = 1;  ///< for each seed of PlusPlus
};
std::vector<std::int64_t> choose_seeds(const SeedOptions& options, const Centres& points,
                                       std::span<const double> weights, std::mt19937_64& random);

/// The points of these numbers, in this order.
Centres select(const Centres& points, std::span<const std::int64_t> numbers);

}  // namespace millrace::kmeans
