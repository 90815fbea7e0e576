#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "core/base/team.h"
#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/kept_rows.h"
#include "trainer/tabular/hosts.h"

namespace millrace::kmeans {

/// A sample of m rows knows the best k centres only to within chance: measured on all rows, the
/// centres that are best for it are about k / m worse than the best. With this many rows to a
/// centre that is a tenth of a percent, less than a stream leaves.
inline constexpr std::int64_t kSampledRowsPerCentre = 1000;

struct RefineOptions {
  std::int64_t max_iterations = 300;
  /// It ends once an iteration lowers the loss by no more than this share of it.
  double tolerance = 0.0001;
};

struct Refinement {
  Centres centres;
  std::int64_t iterations = 0;  ///< 0: the centres are as they were
  std::int64_t rows = 0;        ///< of all hosts, that were used
  /// Of those rows to the means of the groups that they were in: after the last iteration.
  double mean_squared_distance = 0;
};

/// Lloyd's method on the kept rows of all hosts, from the best of `candidates` on: each goes
/// through a few iterations on a part of the rows, and the one that is then nearest to those goes
/// on with all. Where there are few rows to a centre, only the first ones are tried. Candidates are
/// the same on every host and of one size, and so is the result.
///
/// Gives the first candidate as it is where the rows are a sample with fewer than
/// kSampledRowsPerCentre to a centre, and after a stop request, which ends iterating otherwise. A
/// centre without rows stays where it is.
///
/// Most rows never change their group, and an iteration does not look at those of which it is sure:
/// a row's distance to its centre and to all others is bounded by what it was when last measured
/// and by how far the centres have moved since. Hamerly, "Making k-means even faster", SDM 2010.
/// Sums change by the rows that change their group.
///
/// Hosts use their rows at the level of the one that had to give up most, so that each row of the
/// channel has the same chance to be among them. What comes out depends neither on the size of
/// the team nor, but for rounding, on how hosts divide the rows.
Refinement refine(const std::vector<Centres>& candidates, const KeptRows& kept,
                  const RefineOptions& options, Team& team, Hosts& hosts,
                  const std::stop_token& stop);

}  // namespace millrace::kmeans
