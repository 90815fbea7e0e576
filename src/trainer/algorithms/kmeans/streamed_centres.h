#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/team.h"
#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/nearest.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace::kmeans {

/// Centres that follow a stream of batches. With n_j rows behind centre j and b_j new ones of mean
/// d_j, a batch makes it (n_j c_j + b_j d_j) / (n_j + b_j). Sculley, "Web-Scale K-Means
/// Clustering", WWW 2010, a whole batch at a time.
///
/// With a half-life of h rows, n_j is first multiplied by 2^(-b / h), b being the rows of the
/// batch: a row then counts half after h further ones.
///
///     StreamedCentres streamed(first, /*half_life=*/0, team);
///     if (streamed.assign(&batch) < 0) streamed.add_up(&batch);
///     cluster.sum(streamed.sums());
///     streamed.update();
class StreamedCentres {
 public:
  /// What comes out does not depend on how many the team has, which must outlive this.
  StreamedCentres(const Centres& first, std::int64_t half_life, Team& team);

  /// Finds the nearest centre of each row of a batch; nullptr is a batch without rows. Returns the
  /// number within the batch of the first row that cannot be used (nan, inf, or too large to be
  /// squared), or -1.
  std::int64_t assign(const TabularBatch* batch);
  /// Sums up the batch that was assigned last.
  void add_up(const TabularBatch* batch);

  /// Of the batch, or after Cluster::sum of the batches of all hosts: sums and counts of the rows
  /// of each centre, squared distances, rows, and one number for the caller.
  std::span<double> sums() { return sums_; }
  [[nodiscard]] double squared_distance_in_sums() const { return tail()[0]; }
  [[nodiscard]] double rows_in_sums() const { return tail()[1]; }
  /// Travels with the sums: not used here.
  double& spare() { return sums_.back(); }

  /// Moves the centres by the sums.
  void update();

  [[nodiscard]] const Centres& centres() const { return centres_; }
  /// [centres]: rows that each was made of, with what time has left of their weight.
  [[nodiscard]] const std::vector<double>& counts() const { return counts_; }

 private:
  static constexpr std::size_t kTail = 3;
  [[nodiscard]] const double* tail() const { return sums_.data() + sums_.size() - kTail; }
  void sort_by_centre();
  void add_rows(const TabularBatch& batch, std::int64_t centre);

  std::int64_t features_;
  double half_life_;
  Team& team_;
  Centres centres_;                ///< `positions_` as floats
  std::vector<double> positions_;  ///< [centres, features]
  std::vector<double> counts_;     ///< [centres]
  NearestCentre nearest_;
  std::vector<double> sums_;
  std::vector<Nearest> found_;        ///< [rows of the batch]
  std::vector<std::int64_t> order_;   ///< rows of the batch, those of a centre together
  std::vector<std::int64_t> starts_;  ///< [centres + 1]: where each centre's rows begin in order_
};

}  // namespace millrace::kmeans
