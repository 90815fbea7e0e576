#include "core/data/row_places.h"

#include <algorithm>

namespace millrace {

void RowPlaces::add(std::int64_t row, const Origin& origin, std::int64_t number) {
  if (!runs_.empty()) {
    const Run& last = runs_.back();
    if (last.origin == origin && number - last.number == row - last.row) return;
  }
  if (runs_.size() == kMostRuns) runs_.erase(runs_.begin(), runs_.begin() + kMostRuns / 2);
  runs_.push_back({.row = row, .origin = origin, .number = number});
}

void RowPlaces::append(const RowPlaces& others, std::int64_t rows_before) {
  for (const Run& run : others.runs_) add(rows_before + run.row, run.origin, run.number);
}

std::optional<RowPlaces::Place> RowPlaces::of(std::int64_t row) const {
  const auto behind = std::upper_bound(runs_.begin(), runs_.end(), row,
                                       [](std::int64_t r, const Run& run) { return r < run.row; });
  if (behind == runs_.begin()) return std::nullopt;
  const Run& run = *(behind - 1);
  return Place{.origin = *run.origin, .number = run.number + (row - run.row)};
}

}  // namespace millrace
