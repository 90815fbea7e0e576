#include "trainer/algorithms/kmeans/parallel_nearest.h"

#include <algorithm>

namespace millrace::kmeans {
namespace {

/// Rows that a thread takes at a time: a few tiles of NearestCentre.
constexpr std::size_t kRowsOfThread = 96;

std::size_t parts_of(std::size_t rows) {
  return (rows + kRowsOfThread - 1) / kRowsOfThread;
}

}  // namespace

std::int64_t useful_threads(std::int64_t rows) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(parts_of(static_cast<std::size_t>(rows))));
}

void find_nearest(const NearestCentre& centres, const TabularBatch& batch, Team& team,
                  std::vector<Nearest>& found) {
  found.resize(static_cast<std::size_t>(batch.rows()));
  team.for_each(parts_of(found.size()), [&](std::size_t part) {
    const std::size_t begin = part * kRowsOfThread;
    const std::size_t rows = std::min(kRowsOfThread, found.size() - begin);
    centres.find(batch, static_cast<std::int64_t>(begin), std::span(found).subspan(begin, rows));
  });
}

}  // namespace millrace::kmeans
