#pragma once

#include <vector>

#include "core/base/team.h"
#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {

/// NearestCentre::find of every row of a batch, by a team. What is found does not depend on how
/// many it has.
void find_nearest(const NearestCentre& centres, const TabularBatch& batch, Team& team,
                  std::vector<Nearest>& found);

}  // namespace millrace::kmeans
