#pragma once

#include <vector>

#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {

/// NearestCentre::find of every row of a batch, on `threads` threads. What is found does not depend
/// on their number.
void find_nearest(const NearestCentre& centres, const TabularBatch& batch, int threads,
                  std::vector<Nearest>& found);

}  // namespace millrace::kmeans
