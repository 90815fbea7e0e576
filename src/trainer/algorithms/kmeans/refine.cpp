#include "trainer/algorithms/kmeans/refine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {
namespace {

/// Rows that a thread looks at together; those that have to be measured are written side by side,
/// at most this many numbers of them at a time (1 MiB).
constexpr std::size_t kBlockRows = 1024;
constexpr std::int64_t kMeasuredValues = 256 * 1024;
/// Features of which one thread moves the rows that change their group: two cache lines of a row.
constexpr std::int64_t kFeaturesOfPart = 32;

std::size_t size(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

/// What is known of a row.
struct Bounds {
  std::int32_t centre = -1;  ///< its group; -1 before the first iteration
  float own = 0;             ///< at least its distance to its centre
  float others = 0;          ///< at most its distance to every other one
};

/// A row that leaves one group for another.
struct Change {
  std::int64_t row;  ///< of its batch
  std::int32_t from;
  std::int32_t to;
};

struct Block {
  const TabularBatch* batch;
  std::vector<std::int64_t> rows;
  std::vector<Bounds> bounds;  ///< of each row
  std::vector<Change> changes;
};

/// A row's numbers: in their place, or written out in `scratch` where it is sparse.
const float* values_of(const TabularBatch& batch, std::int64_t row, std::vector<float>& scratch) {
  if (!batch.is_sparse) return batch.dense.features.data() + row * batch.dense.columns;
  scratch.resize(size(batch.sparse.columns));
  batch.write_dense(row, scratch.data());
  return scratch.data();
}

/// How far centres have moved.
struct Moves {
  std::vector<float> by;  ///< [centres]
  std::int32_t farthest = 0;
  float most = 0;
  float most_of_others = 0;  ///< than the farthest

  [[nodiscard]] float of_others_than(std::int32_t centre) const {
    return centre == farthest ? most_of_others : most;
  }
};

Moves moves_between(const Centres& before, const Centres& after) {
  Moves moves;
  for (std::int64_t c = 0; c < after.count(); ++c) {
    const float by = std::sqrt(squared_distance(before.row(c), after.row(c), after.features));
    moves.by.push_back(by);
    if (by > moves.most) {
      moves.most_of_others = moves.most;
      moves.most = by;
      moves.farthest = static_cast<std::int32_t>(c);
    } else {
      moves.most_of_others = std::max(moves.most_of_others, by);
    }
  }
  return moves;
}

/// Candidates go through as many iterations at most, with as many rows to a centre at least, where
/// there are as many, and no more once they gain as little: by then it shows which ends lowest.
constexpr std::int64_t kTrialIterations = 10;
constexpr std::int64_t kTrialRowsPerCentre = 500;
/// The first candidates are tried until together they have looked at the rows as many times, which
/// is less work than the stream's, with its many centres.
constexpr double kTrialPasses = 3;
constexpr double kTrialTolerance = 0.001;

class Refiner {
 public:
  /// On the rows at `level`.
  Refiner(Centres centres, const KeptRows& kept, int level, Team& team, Hosts& hosts)
      : centres_(std::move(centres)),
        team_(team),
        hosts_(hosts),
        groups_(size(centres_.count()) * (size(centres_.features) + 1)),
        moves_{.by = std::vector<float>(size(centres_.count()))} {
    for (std::size_t i = 0; i < kept.batches().size(); ++i) {
      const std::vector<std::int64_t> rows = kept.rows_at(level, i);
      for (std::size_t begin = 0; begin < rows.size(); begin += kBlockRows) {
        const std::size_t end = std::min(begin + kBlockRows, rows.size());
        blocks_.push_back({&kept.batches()[i],
                           {rows.begin() + static_cast<std::ptrdiff_t>(begin),
                            rows.begin() + static_cast<std::ptrdiff_t>(end)},
                           std::vector<Bounds>(end - begin),
                           {}});
      }
    }
  }

  Refinement run(std::int64_t max_iterations, double tolerance, const std::stop_token& stop) {
    Refinement result;
    const auto [rows, spread] = measure_spread();
    bool settled = false;
    while (!settled && result.iterations < max_iterations) {
      search_.set(centres_);
      team_.for_each(blocks_.size(), [&](std::size_t i) { assign(blocks_[i]); });
      const std::int64_t parts = (centres_.features + kFeaturesOfPart - 1) / kFeaturesOfPart;
      team_.for_each(size(parts), [&](std::size_t i) { regroup(static_cast<std::int64_t>(i)); });
      std::vector<double> shared = groups_;
      shared.push_back(changes());
      shared.push_back(stop.stop_requested() ? 1 : 0);
      hosts_.sum(shared);
      if (shared.back() > 0 || shared[shared.size() - 2] == 0) break;
      const double loss = (spread - move_centres(shared)) / rows;
      const double gain = result.mean_squared_distance - loss;
      settled = result.iterations > 0 && gain <= tolerance * result.mean_squared_distance;
      result.mean_squared_distance = std::max(loss, 0.0);
      ++result.iterations;
    }
    result.rows = static_cast<std::int64_t>(rows);
    result.centres = std::move(centres_);
    return result;
  }

 private:
  [[nodiscard]] double changes() const {
    std::size_t sum = 0;
    for (const Block& block : blocks_) sum += block.changes.size();
    return static_cast<double>(sum);
  }

  struct Spread {
    double rows;     ///< of all hosts
    double squared;  ///< sum of their squared distances to origin_
  };

  /// In double where a float cannot hold it: a row may be so far from where its centre is not.
  [[nodiscard]] double squared_from_origin(const float* values) const {
    const float squared = squared_distance(values, origin_.data(), centres_.features);
    if (std::isfinite(squared)) return static_cast<double>(squared);
    double sum = 0;
    for (std::size_t i = 0; i < origin_.size(); ++i) {
      const double off = static_cast<double>(values[i]) - static_cast<double>(origin_[i]);
      sum += off * off;
    }
    return sum;
  }

  /// Losses are differences from the spread about the mean of the centres at the start: small
  /// numbers where the rows are far from 0.
  Spread measure_spread() {
    origin_.assign(size(centres_.features), 0.0F);
    for (std::int64_t c = 0; c < centres_.count(); ++c) {
      for (std::size_t i = 0; i < origin_.size(); ++i)
        origin_[i] += centres_.row(c)[i] / static_cast<float>(centres_.count());
    }
    std::vector<double> spread(blocks_.size());
    team_.for_each(blocks_.size(), [&](std::size_t i) {
      std::vector<float> scratch;
      for (const std::int64_t row : blocks_[i].rows)
        spread[i] += squared_from_origin(values_of(*blocks_[i].batch, row, scratch));
    });
    std::vector<double> sums(2);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      sums[0] += static_cast<double>(blocks_[i].rows.size());
      sums[1] += spread[i];
    }
    hosts_.sum(sums);
    return {.rows = sums[0], .squared = sums[1]};
  }

  /// Measures the rows of a block that may have changed their group.
  void assign(Block& block) const {
    block.changes.clear();
    const auto features = size(centres_.features);
    const std::size_t room = size(std::max<std::int64_t>(kMeasuredValues / centres_.features, 1));
    std::vector<float> measured, scratch;
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < block.bounds.size(); ++row) {
      Bounds& bounds = block.bounds[row];
      if (bounds.centre >= 0) {
        bounds.own += moves_.by[size(bounds.centre)];
        bounds.others -= moves_.of_others_than(bounds.centre);
        if (bounds.own <= bounds.others) continue;
      }
      const float* const values = values_of(*block.batch, block.rows[row], scratch);
      if (bounds.centre >= 0) {
        bounds.own =
            std::sqrt(squared_distance(values, centres_.row(bounds.centre), centres_.features));
        if (bounds.own <= bounds.others) continue;
      }
      measured.insert(measured.end(), values, values + features);
      rows.push_back(row);
      if (rows.size() < room) continue;
      measure(block, measured.data(), rows);
      measured.clear();
    }
    measure(block, measured.data(), rows);
  }

  /// `rows` of a block, whose values stand side by side. They are no more thereafter.
  void measure(Block& block, const float* values, std::vector<std::size_t>& rows) const {
    std::vector<Nearest> nearest(rows.size());
    std::vector<float> second(rows.size());
    search_.find_two(values, nearest, second);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Bounds& bounds = block.bounds[rows[i]];
      if (nearest[i].centre != bounds.centre) {
        block.changes.push_back({block.rows[rows[i]], bounds.centre, nearest[i].centre});
      }
      // Rounding may say that two are equally near, and thus, within rounding, they are.
      bounds = {.centre = nearest[i].centre,
                .own = std::sqrt(nearest[i].squared_distance),
                .others = std::sqrt(std::max(second[i], nearest[i].squared_distance))};
    }
    rows.clear();
  }

  /// Takes the rows that changed their group from one sum into another. A part has features of its
  /// own and goes through the changes in their order, so that sums do not depend on the threads.
  void regroup(std::int64_t part) {
    const std::int64_t begin = part * kFeaturesOfPart,
                       end = std::min(begin + kFeaturesOfPart, centres_.features);
    double* const counts = groups_.data() + centres_.count() * centres_.features;
    for (const Block& block : blocks_) {
      for (const Change& change : block.changes) {
        if (change.from >= 0) add(block, change.row, change.from, -1, begin, end);
        add(block, change.row, change.to, 1, begin, end);
        if (part > 0) continue;
        if (change.from >= 0) counts[change.from] -= 1;
        counts[change.to] += 1;
      }
    }
  }

  void add(const Block& block, std::int64_t row, std::int32_t centre, double sign,
           std::int64_t begin, std::int64_t end) {
    double* const sum = groups_.data() + centre * centres_.features;
    if (!block.batch->is_sparse) {
      const float* const values =
          block.batch->dense.features.data() + row * block.batch->dense.columns;
      for (std::int64_t i = begin; i < end; ++i) sum[i] += sign * static_cast<double>(values[i]);
      return;
    }
    const auto& sparse = block.batch->sparse;
    const auto first = sparse.indices.begin() + sparse.row_starts[size(row)],
               last = sparse.indices.begin() + sparse.row_starts[size(row) + 1];
    for (auto at = std::lower_bound(first, last, begin); at != last && *at < end; ++at)
      sum[*at] += sign * static_cast<double>(sparse.values[size(at - sparse.indices.begin())]);
  }

  /// To the means of their groups. Returns the groups' sizes times their means' squared distances
  /// from the origin: what the rows' spread about the origin exceeds that about their means by.
  double move_centres(const std::vector<double>& groups) {
    const Centres before = centres_;
    const auto features = size(centres_.features);
    double between = 0;
    for (std::size_t c = 0; c < size(centres_.count()); ++c) {
      const double count = groups[size(centres_.count()) * features + c];
      if (count == 0) continue;
      for (std::size_t i = 0; i < features; ++i) {
        const double mean = groups[c * features + i] / count;
        const double off = mean - static_cast<double>(origin_[i]);
        between += count * off * off;
        centres_.values[c * features + i] = static_cast<float>(mean);
      }
    }
    moves_ = moves_between(before, centres_);
    return between;
  }

  Centres centres_;
  Team& team_;
  Hosts& hosts_;
  std::vector<Block> blocks_;
  std::vector<double> groups_;  ///< of this host: sums [centres, features], then rows [centres]
  std::vector<float> origin_;   ///< [features]
  NearestCentre search_;
  Moves moves_;
};

}  // namespace

Refinement refine(const std::vector<Centres>& candidates, const KeptRows& kept,
                  const RefineOptions& options, Team& team, Hosts& hosts,
                  const std::stop_token& stop) {
  const std::vector<float> levels =
      hosts.gather(std::vector<float>{static_cast<float>(kept.level())});
  const int level = static_cast<int>(*std::max_element(levels.begin(), levels.end()));
  std::vector<double> rows(1);
  for (std::size_t i = 0; i < kept.batches().size(); ++i)
    rows[0] += static_cast<double>(kept.rows_at(level, i).size());
  hosts.sum(rows);
  const double per_centre = rows[0] / static_cast<double>(candidates[0].count());
  if (hosts.any(stop.stop_requested()) || (level > 0 && per_centre < kSampledRowsPerCentre))
    return {.centres = candidates[0]};
  const auto run = [&](const Centres& from, int at_level, std::int64_t iterations, double least) {
    return Refiner(from, kept, at_level, team, hosts).run(iterations, least, stop);
  };
  Refinement best{.centres = candidates[0]};
  if (candidates.size() > 1) {
    // Each level has half of the rows of the one before.
    const auto higher =
        static_cast<int>(std::log2(std::max(1.0, per_centre / kTrialRowsPerCentre)));
    const auto tried =
        std::min(candidates.size(), static_cast<std::size_t>(std::ldexp(kTrialPasses, higher)));
    for (std::size_t i = 0; i < tried; ++i) {
      Refinement trial =
          run(candidates[i], level + higher, std::min(kTrialIterations, options.max_iterations),
              std::max(kTrialTolerance, options.tolerance));
      // Of one that a stop kept from its first iteration nothing is known.
      if (trial.iterations == 0) break;
      if (i == 0 || trial.mean_squared_distance < best.mean_squared_distance)
        best = std::move(trial);
    }
  }
  Refinement refined = run(best.centres, level, options.max_iterations, options.tolerance);
  return refined.iterations > 0 ? refined : best;
}

}  // namespace millrace::kmeans
