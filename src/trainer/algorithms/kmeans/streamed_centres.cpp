#include "trainer/algorithms/kmeans/streamed_centres.h"

#include <algorithm>
#include <cmath>

#include "trainer/algorithms/kmeans/parallel_nearest.h"

namespace millrace::kmeans {
namespace {

/// Parts into which the summing of a batch is divided, whatever the number of threads.
constexpr std::int64_t kParts = 16;

std::size_t size(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

}  // namespace

StreamedCentres::StreamedCentres(const Centres& first, std::int64_t half_life, Team& team)
    : features_(first.features),
      half_life_(static_cast<double>(half_life)),
      team_(team),
      centres_(first),
      positions_(first.values.begin(), first.values.end()),
      counts_(size(first.count())),
      nearest_(first),
      sums_(positions_.size() + counts_.size() + kTail) {}

std::int64_t StreamedCentres::assign(const TabularBatch* batch) {
  if (batch == nullptr || batch->rows() == 0) return -1;
  find_nearest(nearest_, *batch, team_, found_);
  const auto unusable = std::find_if(found_.begin(), found_.end(), [](const Nearest& each) {
    return !std::isfinite(each.squared_distance);
  });
  return unusable == found_.end() ? -1 : unusable - found_.begin();
}

void StreamedCentres::add_up(const TabularBatch* batch) {
  std::fill(sums_.begin(), sums_.end(), 0.0);
  if (batch == nullptr || batch->rows() == 0) return;
  double squared = 0;
  for (const Nearest& each : found_) squared += static_cast<double>(each.squared_distance);
  sort_by_centre();
  // A centre's rows are added in their order by one thread, so the sums do not depend on how many
  // threads there are. Centres go to the parts such that each has about as many rows.
  const std::int64_t rows = batch->rows(), centres = centres_.count();
  const auto first_of = [&](std::int64_t part) {
    return std::lower_bound(starts_.begin(), starts_.end() - 1, part * rows / kParts) -
           starts_.begin();
  };
  team_.for_each(size(kParts), [&](std::size_t number) {
    const auto part = static_cast<std::int64_t>(number);
    const std::int64_t last = part + 1 == kParts ? centres : first_of(part + 1);
    for (std::int64_t centre = first_of(part); centre < last; ++centre) add_rows(*batch, centre);
  });
  double* const tail = sums_.data() + sums_.size() - kTail;
  tail[0] = squared;
  tail[1] = static_cast<double>(rows);
}

void StreamedCentres::sort_by_centre() {
  starts_.assign(size(centres_.count()) + 1, 0);
  for (const Nearest& each : found_) ++starts_[size(each.centre) + 1];
  for (std::size_t c = 1; c < starts_.size(); ++c) starts_[c] += starts_[c - 1];
  std::vector<std::int64_t> next(starts_.begin(), starts_.end() - 1);
  order_.resize(found_.size());
  for (std::size_t row = 0; row < found_.size(); ++row)
    order_[size(next[size(found_[row].centre)]++)] = static_cast<std::int64_t>(row);
}

void StreamedCentres::add_rows(const TabularBatch& batch, std::int64_t centre) {
  const std::int64_t begin = starts_[size(centre)], end = starts_[size(centre) + 1];
  double* const sum = sums_.data() + centre * features_;
  for (std::int64_t at = begin; at < end; ++at) {
    const std::int64_t row = order_[size(at)];
    if (!batch.is_sparse) {
      const float* const from = batch.dense.features.data() + row * features_;
      for (std::int64_t i = 0; i < features_; ++i) sum[i] += static_cast<double>(from[i]);
    } else {
      const std::int64_t stop = batch.sparse.row_starts[size(row) + 1];
      for (std::int64_t i = batch.sparse.row_starts[size(row)]; i < stop; ++i)
        sum[batch.sparse.indices[size(i)]] += static_cast<double>(batch.sparse.values[size(i)]);
    }
  }
  sums_[positions_.size() + size(centre)] = static_cast<double>(end - begin);
}

void StreamedCentres::update() {
  if (half_life_ > 0) {
    const double kept = std::exp2(-rows_in_sums() / half_life_);
    for (double& count : counts_) count *= kept;
  }
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    const double added = sums_[positions_.size() + c];
    if (added == 0) continue;
    counts_[c] += added;
    const double part = added / counts_[c];
    for (std::size_t i = c * size(features_); i < (c + 1) * size(features_); ++i) {
      positions_[i] += part * (sums_[i] / added - positions_[i]);
      centres_.values[i] = static_cast<float>(positions_[i]);
    }
  }
  nearest_.set(centres_);
}

}  // namespace millrace::kmeans
