#pragma once

#include <cstdint>
#include <vector>

#include "core/base/team.h"
#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {

/// For how many threads find_nearest() has work in a batch of so many rows: at least 1.
std::int64_t useful_threads(std::int64_t rows);

/// NearestCentre::find of every row of a batch, by a team. What is found does not depend on how
/// many it has.
void find_nearest(const NearestCentre& centres, const TabularBatch& batch, Team& team,
                  std::vector<Nearest>& found);

}  // namespace millrace::kmeans
