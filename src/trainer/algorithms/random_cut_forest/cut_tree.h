#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/random_cut_forest/uniform.h"

namespace millrace::random_cut_forest {

/// Points a tree may be grown from: nodes are numbered with 16 bits.
inline constexpr std::int64_t kMaxTreePoints = 2048;
/// Features of a row: dimensions are numbered with 16 bits.
inline constexpr std::int64_t kMaxFeatures = 10'000;

/// A random cut tree: each cut divides the box around a set of points, until every leaf holds one
/// point, however many times it occurs. Guha, Mishra, Roy, Schrijvers, "Robust Random Cut Forest
/// Based Anomaly Detection on Streams", ICML 2016.
///
/// A tree has `cuts()` inner nodes, numbered from 0 in depth-first order, the root first and left
/// before right; and cuts() + 1 leaves, numbered behind them from left to right. A tree of one leaf
/// has no cut.
struct CutTree {
  struct Cut {
    float value = 0;
    std::uint16_t dimension = 0;
    std::uint16_t left = 0;   ///< node of the points whose coordinate is at most `value`
    std::uint16_t right = 0;  ///< node of the others
    bool operator==(const Cut&) const = default;
  };

  std::int64_t features = 0;
  std::vector<Cut> inner;             ///< [cuts]
  std::vector<float> points;          ///< [leaves, features]
  std::vector<std::uint16_t> masses;  ///< [leaves] how many times each point was given

  bool operator==(const CutTree&) const = default;

  [[nodiscard]] std::size_t cuts() const { return inner.size(); }
  [[nodiscard]] std::size_t leaves() const { return masses.size(); }
  [[nodiscard]] std::size_t nodes() const { return cuts() + leaves(); }
  /// Points, those that occur several times counted as often.
  [[nodiscard]] std::int64_t mass() const;
  [[nodiscard]] std::span<const float> point(std::size_t leaf) const {
    const auto width = static_cast<std::size_t>(features);
    return {points.data() + leaf * width, width};
  }
  /// Of each node, the root's being 0.
  [[nodiscard]] std::vector<std::uint16_t> depths() const;
  /// Of each node its inner node above; the root's own is 0.
  [[nodiscard]] std::vector<std::uint16_t> parents() const;
};

/// Grows a tree over `rows`, 1 to kMaxTreePoints of them, each of `features` finite numbers, 1 to
/// kMaxFeatures. A cut's dimension is drawn in proportion to the sides of the box around its
/// points, its place uniformly on that side. Costs rows x depth x features.
CutTree grow_tree(std::span<const float* const> rows, std::int64_t features, Uniform& random);

/// The anomaly score of x: what inserting it is expected to change, about the inverse of the depth
/// at which it would stand, scaled with the tree's size. From 0 to log2(1 + mass).
///
/// The exact expectation over the cut that an insertion would draw at each node, in double
/// precision and without stored boxes: mass x features operations. ForestScorer does the same many
/// times faster; this is for rows whose numbers do not fit its float32 sums. `x` has tree.features
/// numbers.
double exact_score(const CutTree& tree, std::span<const float> x);

/// Of a leaf at `depth` of `mass` points in a tree of `tree_mass`, for a row that equals it; before
/// the scale. The reference implementation damps it the more, the more of the tree is this point.
double score_of_known_point(std::int64_t depth, std::int64_t mass, std::int64_t tree_mass);
/// Of a row that would be cut off at a node of this depth; before the scale.
inline double score_of_new_point(std::int64_t depth) {
  return 1.0 / static_cast<double>(depth + 1);
}
/// What a tree's scores are multiplied with, so that trees of different sizes are comparable.
double score_scale(std::int64_t tree_mass);

}  // namespace millrace::random_cut_forest
