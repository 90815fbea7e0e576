#include "trainer/algorithms/random_cut_forest/forest_scorer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "core/base/check.h"
#include "core/base/for_each_on.h"

namespace millrace::random_cut_forest {
namespace {

/// Rows of a block: with a row of 64 features half of a second level cache of 1 MiB.
constexpr std::size_t kBlockRows = 2048;
/// Numbers of a block, which wide rows reach first.
constexpr std::size_t kBlockValues = std::size_t{1} << 20;
/// Rows of a request below which a second thread costs more than it helps.
constexpr std::size_t kRowsOfOneThread = 64;
/// Beyond this, sums over 10,000 dimensions might overflow float32.
constexpr float kLargest = 1e30F;

bool is_moderate(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::abs(value) <= kLargest; });
}

std::size_t padded(std::int64_t features) {
  return (static_cast<std::size_t>(features) + kLanes - 1) / kLanes * kLanes;
}

std::size_t block_rows(std::int64_t features) {
  return std::clamp<std::size_t>(kBlockValues / static_cast<std::size_t>(features), 1, kBlockRows);
}

/// The boxes of one tree at a time, in memory that is used again.
class Boxes {
 public:
  explicit Boxes(std::size_t stride) : stride_(stride) {}

  void set(const CutTree& tree) {
    const auto width = static_cast<std::size_t>(tree.features);
    cuts_ = tree.cuts();
    boxes_.resize((2 * cuts_ + tree.leaves()) * stride_);
    sides_.assign(tree.nodes(), 0);
    for (std::size_t leaf = 0; leaf < tree.leaves(); ++leaf) {
      float* const to = boxes_.data() + (2 * cuts_ + leaf) * stride_;
      std::copy_n(tree.point(leaf).data(), width, to);
      std::fill(to + width, to + stride_, 0.0F);
    }
    // Children have higher numbers than their parents.
    for (std::size_t node = cuts_; node-- > 0;) enclose(tree.inner[node], node);
  }

  [[nodiscard]] NodeBox of(std::size_t node, float new_score) const {
    return {.low = low(node),
            .high = high(node),
            .stride = stride_,
            .sides = sides_[node],
            .new_score = new_score};
  }

 private:
  [[nodiscard]] const float* low(std::size_t node) const {
    return boxes_.data() + (node < cuts_ ? 2 * node : cuts_ + node) * stride_;
  }
  [[nodiscard]] const float* high(std::size_t node) const {
    return low(node) + (node < cuts_ ? stride_ : 0);
  }

  void enclose(const CutTree::Cut& cut, std::size_t node) {
    const float* const left_low = low(cut.left);
    const float* const left_high = high(cut.left);
    const float* const right_low = low(cut.right);
    const float* const right_high = high(cut.right);
    float* const to_low = boxes_.data() + 2 * node * stride_;
    float* const to_high = to_low + stride_;
    float lanes[kLanes] = {};
    for (std::size_t at = 0; at < stride_; at += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const std::size_t d = at + lane;
        const float least = left_low[d] < right_low[d] ? left_low[d] : right_low[d];
        const float most = left_high[d] > right_high[d] ? left_high[d] : right_high[d];
        to_low[d] = least;
        to_high[d] = most;
        lanes[lane] += most - least;
      }
    }
    sides_[node] = std::accumulate(lanes, lanes + kLanes, 0.0F);
  }

  std::size_t stride_;
  std::size_t cuts_ = 0;
  std::vector<float> boxes_;  ///< lower and upper corner of each cut's, then the leaves
  std::vector<float> sides_;  ///< [nodes]
};

/// A block of rows on its way down a tree and up again.
class Walk {
 public:
  Walk(const float* rows, std::size_t count, std::size_t stride, CompareRows compare)
      : rows_(rows),
        stride_(stride),
        compare_(compare),
        boxes_(stride),
        active_(count),
        scratch_(count),
        scores_(count) {}

  /// The score of each row in this tree.
  std::span<const float> score(const CutTree& tree, std::span<const float> new_scores,
                               std::span<const float> known_scores) {
    boxes_.set(tree);
    tree_ = &tree;
    new_scores_ = new_scores;
    known_scores_ = known_scores;
    std::iota(active_.begin(), active_.end(), std::uint16_t{0});
    below(0, active_.data(), active_.size());
    return scores_;
  }

 private:
  /// Scores `count` rows as the tree below and with `node` sees them. Answers how many of them, at
  /// the front of `rows` then, lie outside of the node's box.
  std::size_t below(std::size_t node, std::uint16_t* rows, std::size_t count) {
    if (count == 0) return 0;
    std::size_t active = count;
    if (node >= tree_->cuts()) {
      // A row that equals the point stays with this score, since it lies inside of the leaf's box.
      const float known = known_scores_[node - tree_->cuts()];
      for (std::size_t i = 0; i < count; ++i) scores_[rows[i]] = known;
    } else {
      const CutTree::Cut& cut = tree_->inner[node];
      const std::size_t left = divide(cut, rows, count);
      active = below(cut.left, rows, left);
      const std::size_t right = below(cut.right, rows + left, count - left);
      std::memmove(rows + active, rows + left, right * sizeof *rows);
      active += right;
    }
    return active == 0
               ? 0
               : compare_(boxes_.of(node, new_scores_[node]), rows_, rows, active, scores_.data());
  }

  /// Puts the rows left of the cut in front; answers how many they are. Without a branch that
  /// depends on a row.
  std::size_t divide(const CutTree::Cut& cut, std::uint16_t* rows, std::size_t count) {
    const float* const column = rows_ + cut.dimension;
    std::size_t left = 0, right = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t row = rows[i];
      const bool goes_left = column[row * stride_] <= cut.value;
      rows[left] = row;
      scratch_[right] = row;
      left += goes_left ? 1 : 0;
      right += goes_left ? 0 : 1;
    }
    std::memcpy(rows + left, scratch_.data(), right * sizeof *rows);
    return left;
  }

  const float* rows_;
  std::size_t stride_;
  CompareRows compare_;
  Boxes boxes_;
  std::vector<std::uint16_t> active_, scratch_;
  std::vector<float> scores_;
  const CutTree* tree_ = nullptr;
  std::span<const float> new_scores_, known_scores_;
};

}  // namespace

std::int64_t ForestScorer::batch_rows(std::int64_t features, int threads) {
  return static_cast<std::int64_t>(block_rows(features)) * std::max(threads, 1);
}

ForestScorer::ForestScorer(const Forest& forest, int threads, SimdPath path)
    : forest_(forest), threads_(threads), compare_(compare_rows(path)) {
  for (const CutTree& tree : forest.trees) {
    Tree scored{.tree = &tree, .moderate = is_moderate(tree.points)};
    const std::vector<std::uint16_t> depths = tree.depths();
    const std::int64_t mass = tree.mass();
    const double scale = score_scale(mass);
    for (const std::uint16_t depth : depths)
      scored.new_scores.push_back(static_cast<float>(scale * score_of_new_point(depth)));
    for (std::size_t leaf = 0; leaf < tree.leaves(); ++leaf) {
      scored.known_scores.push_back(static_cast<float>(
          scale * score_of_known_point(depths[tree.cuts() + leaf], tree.masses[leaf], mass)));
    }
    trees_.push_back(std::move(scored));
  }
}

std::vector<float> ForestScorer::score(std::span<const float> rows) const {
  const auto width = static_cast<std::size_t>(forest_.features);
  MILLRACE_CHECK(rows.size() % width == 0);
  const std::size_t count = rows.size() / width, most = block_rows(forest_.features);
  std::vector<float> scores(count);
  if (count == 0 || trees_.empty()) return scores;
  const auto threads = static_cast<std::size_t>(std::max(threads_, 1));
  std::size_t blocks = (count + most - 1) / most;
  // As many as there are threads, or a multiple, so that all end at the same time.
  if (count > kRowsOfOneThread) blocks = (blocks + threads - 1) / threads * threads;
  for_each_on(threads_, blocks, [&](std::size_t block) {
    const std::size_t begin = block * count / blocks, end = (block + 1) * count / blocks;
    score_block(rows.subspan(begin * width, (end - begin) * width), scores.data() + begin);
  });
  return scores;
}

void ForestScorer::score_block(std::span<const float> rows, float* scores) const {
  const auto width = static_cast<std::size_t>(forest_.features);
  const std::size_t count = rows.size() / width, stride = padded(forest_.features);
  std::vector<float> block(count * stride);
  std::vector<std::size_t> large;  // rows
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> row = rows.subspan(i * width, width);
    if (!is_moderate(row)) large.push_back(i);
    std::copy_n(row.data(), width, block.data() + i * stride);
  }
  std::vector<double> sums(count);
  Walk walk(block.data(), count, stride, compare_);
  for (const Tree& tree : trees_) {
    if (tree.moderate) {
      const std::span<const float> found =
          walk.score(*tree.tree, tree.new_scores, tree.known_scores);
      for (std::size_t i = 0; i < count; ++i) sums[i] += static_cast<double>(found[i]);
    } else {
      for (std::size_t i = 0; i < count; ++i)
        sums[i] += exact_score(*tree.tree, rows.subspan(i * width, width));
    }
  }
  for (const std::size_t i : large) {
    sums[i] = 0;
    for (const Tree& tree : trees_)
      sums[i] += exact_score(*tree.tree, rows.subspan(i * width, width));
  }
  for (std::size_t i = 0; i < count; ++i)
    scores[i] = static_cast<float>(sums[i] / static_cast<double>(trees_.size()));
}

}  // namespace millrace::random_cut_forest
