#include "trainer/algorithms/kmeans/refine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "core/base/for_each_on.h"
#include "trainer/algorithms/kmeans/nearest.h"

namespace millrace::kmeans {
namespace {

/// Rows that a thread looks at together; those that have to be measured are written side by side,
/// at most this many numbers of them at a time (1 MiB).
constexpr std::int64_t kBlockRows = 1024;
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
  std::int64_t begin;
  std::vector<Bounds> bounds;  ///< of its rows
  std::vector<Change> changes;
};

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

class Refiner {
 public:
  Refiner(Centres& centres, const KeptRows& kept, const RefineOptions& options, Hosts& hosts)
      : centres_(centres),
        options_(options),
        hosts_(hosts),
        groups_(size(centres.count()) * (size(centres.features) + 1)),
        moves_{.by = std::vector<float>(size(centres.count()))} {
    for (const TabularBatch& batch : kept.batches()) {
      for (std::int64_t begin = 0; begin < batch.rows(); begin += kBlockRows) {
        const std::int64_t rows = std::min(kBlockRows, batch.rows() - begin);
        blocks_.push_back({&batch, begin, std::vector<Bounds>(size(rows)), {}});
      }
    }
  }

  Refinement run(std::int64_t rows, const std::stop_token& stop) {
    Refinement result{.rows = rows};
    const double spread = spread_of_rows();
    for (; result.iterations < options_.max_iterations; ++result.iterations) {
      search_.set(centres_);
      for_each_on(options_.threads, blocks_.size(), [&](std::size_t i) { assign(blocks_[i]); });
      const std::int64_t parts = (centres_.features + kFeaturesOfPart - 1) / kFeaturesOfPart;
      for_each_on(options_.threads, size(parts),
                  [&](std::size_t i) { regroup(static_cast<std::int64_t>(i)); });
      std::vector<double> shared = groups_;
      shared.push_back(changes());
      shared.push_back(stop.stop_requested() ? 1 : 0);
      hosts_.sum(shared);
      if (shared.back() > 0 || shared[shared.size() - 2] == 0) break;
      const double loss = (spread - move_centres(shared)) / static_cast<double>(rows);
      const double gain = result.mean_squared_distance - loss;
      const bool settled =
          result.iterations > 0 && gain <= options_.tolerance * result.mean_squared_distance;
      result.mean_squared_distance = std::max(loss, 0.0);
      if (settled) {
        ++result.iterations;
        break;
      }
    }
    return result;
  }

 private:
  [[nodiscard]] double changes() const {
    std::size_t sum = 0;
    for (const Block& block : blocks_) sum += block.changes.size();
    return static_cast<double>(sum);
  }

  /// Squared distances of all hosts' rows to the origin of the sums' losses, which is the mean of
  /// the centres at the start: small numbers where the rows are far from 0.
  double spread_of_rows() {
    origin_.assign(size(centres_.features), 0.0F);
    for (std::int64_t c = 0; c < centres_.count(); ++c) {
      for (std::size_t i = 0; i < origin_.size(); ++i)
        origin_[i] += centres_.row(c)[i] / static_cast<float>(centres_.count());
    }
    std::vector<double> spread(blocks_.size());
    for_each_on(options_.threads, blocks_.size(), [&](std::size_t i) {
      std::vector<float> row(origin_.size());
      for (std::size_t r = 0; r < blocks_[i].bounds.size(); ++r) {
        blocks_[i].batch->write_dense(blocks_[i].begin + static_cast<std::int64_t>(r), row.data());
        spread[i] +=
            static_cast<double>(squared_distance(row.data(), origin_.data(), centres_.features));
      }
    });
    std::vector<double> sum(1);
    for (const double each : spread) sum[0] += each;
    hosts_.sum(sum);
    return sum[0];
  }

  /// Measures the rows of a block that may have changed their group.
  void assign(Block& block) const {
    block.changes.clear();
    const auto features = size(centres_.features);
    const std::size_t room =
        size(std::clamp<std::int64_t>(kMeasuredValues / centres_.features, 1, kBlockRows));
    std::vector<float> measured(features);
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < block.bounds.size(); ++row) {
      Bounds& bounds = block.bounds[row];
      if (bounds.centre >= 0) {
        bounds.own += moves_.by[size(bounds.centre)];
        bounds.others -= moves_.of_others_than(bounds.centre);
        if (bounds.own <= bounds.others) continue;
      }
      measured.resize((rows.size() + 1) * features);
      float* const values = measured.data() + rows.size() * features;
      block.batch->write_dense(block.begin + static_cast<std::int64_t>(row), values);
      if (bounds.centre >= 0) {
        bounds.own =
            std::sqrt(squared_distance(values, centres_.row(bounds.centre), centres_.features));
        if (bounds.own <= bounds.others) continue;
      }
      rows.push_back(row);
      if (rows.size() == room) measure(block, measured.data(), rows);
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
        block.changes.push_back(
            {block.begin + static_cast<std::int64_t>(rows[i]), bounds.centre, nearest[i].centre});
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

  Centres& centres_;
  const RefineOptions& options_;
  Hosts& hosts_;
  std::vector<Block> blocks_;
  std::vector<double> groups_;  ///< of this host: sums [centres, features], then rows [centres]
  std::vector<float> origin_;   ///< [features]
  NearestCentre search_;
  Moves moves_;
};

}  // namespace

Refinement refine(Centres& centres, KeptRows& kept, const RefineOptions& options, Hosts& hosts,
                  const std::stop_token& stop) {
  const std::vector<float> levels =
      hosts.gather(std::vector<float>{static_cast<float>(kept.level())});
  kept.thin(static_cast<int>(*std::max_element(levels.begin(), levels.end())));
  std::vector<double> rows(1);
  for (const TabularBatch& batch : kept.batches()) rows[0] += static_cast<double>(batch.rows());
  hosts.sum(rows);
  const auto total = static_cast<std::int64_t>(rows[0]);
  const bool enough = kept.level() == 0 || total / kSampledRowsPerCentre >= centres.count();
  if (!enough || hosts.any(stop.stop_requested())) return {};
  return Refiner(centres, kept, options, hosts).run(total, stop);
}

}  // namespace millrace::kmeans
