#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "core/base/team.h"
#include "trainer/algorithms/kmeans/hyperparameters.h"
#include "trainer/algorithms/kmeans/lloyd.h"

namespace millrace::kmeans {

/// What is given of the attempts: the best, and those of which the rows may show that they are
/// better. The many centres are a coarse picture of the rows, and the order of the best attempts by
/// it is not that by the rows.
inline constexpr std::size_t kBestAttempts = 10;

/// Makes `h.k` centres of more, each of which weighs as many rows as its count says: the best of
/// local_lloyd_num_trials attempts of Lloyd's method come first, kBestAttempts at most and at least
/// one, no two of the same mean squared distance. The team runs attempts side by side; which are
/// chosen does not depend on how many it has. Centres without rows are left out as long as
/// others are enough. After a stop request no further attempt begins, and those that run end early.
///
/// `report` is called for each attempt in turn with its number and mean squared distance.
std::vector<Clustering> shrink(const Centres& many, const std::vector<double>& counts,
                               const Hyperparameters& h, const std::stop_token& stop, Team& team,
                               const std::function<void(std::int64_t attempt, double msd)>& report);

}  // namespace millrace::kmeans
