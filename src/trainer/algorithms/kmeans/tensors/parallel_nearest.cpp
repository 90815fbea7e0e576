#include "trainer/algorithms/kmeans/tensors/parallel_nearest.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace millrace::kmeans {
namespace {

/// Rows that a thread takes at a time: a few tiles of NearestCentre.
constexpr std::int64_t kRowsOfThread = 96;

}  // namespace

void find_nearest(const NearestCentre& centres, const TabularBatch& batch,
                  std::vector<Nearest>& found) {
  found.resize(static_cast<std::size_t>(batch.rows()));
  at::parallel_for(0, batch.rows(), kRowsOfThread, [&](std::int64_t begin, std::int64_t end) {
    centres.find(batch, begin,
                 std::span(found).subspan(static_cast<std::size_t>(begin),
                                          static_cast<std::size_t>(end - begin)));
  });
}

}  // namespace millrace::kmeans
