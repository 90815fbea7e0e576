#include "trainer/algorithms/random_cut_forest/cut_tree.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/check.h"

namespace millrace::random_cut_forest {
namespace {

/// Grows depth first, so that nodes get their numbers in the order of CutTree.
class Grower {
 public:
  Grower(std::span<const float* const> rows, std::int64_t features, Uniform& random)
      : rows_(rows.begin(), rows.end()),
        width_(static_cast<std::size_t>(features)),
        random_(random),
        low_(width_),
        high_(width_) {
    tree_.features = features;
  }

  CutTree grow() && {
    grow(0, rows_.size());
    // Leaves are counted from 0 while the number of cuts is not known.
    const auto first_leaf = static_cast<std::uint16_t>(tree_.cuts());
    for (CutTree::Cut& cut : tree_.inner) {
      for (std::uint16_t* child : {&cut.left, &cut.right}) {
        if (*child >= kLeaf) *child = static_cast<std::uint16_t>(*child - kLeaf + first_leaf);
      }
    }
    return std::move(tree_);
  }

 private:
  static constexpr std::uint16_t kLeaf = 0x8000;

  /// Of rows [begin, end), which it reorders; returns the node.
  std::uint16_t grow(std::size_t begin, std::size_t end) {
    const double sides = measure(begin, end);
    if (sides == 0) {
      const auto leaf = static_cast<std::uint16_t>(tree_.leaves());
      tree_.points.insert(tree_.points.end(), rows_[begin], rows_[begin] + width_);
      tree_.masses.push_back(static_cast<std::uint16_t>(end - begin));
      return static_cast<std::uint16_t>(leaf + kLeaf);
    }
    const CutTree::Cut drawn = draw(sides);
    const auto at = static_cast<std::uint16_t>(tree_.cuts());
    tree_.inner.push_back(drawn);
    const auto middle =
        std::partition(rows_.begin() + static_cast<std::ptrdiff_t>(begin),
                       rows_.begin() + static_cast<std::ptrdiff_t>(end),
                       [&](const float* row) { return row[drawn.dimension] <= drawn.value; });
    const auto split = static_cast<std::size_t>(middle - rows_.begin());
    const std::uint16_t left = grow(begin, split);
    tree_.inner[at].left = left;
    const std::uint16_t right = grow(split, end);
    tree_.inner[at].right = right;
    return at;
  }

  /// Sets the box around rows [begin, end); answers the sum of its sides.
  double measure(std::size_t begin, std::size_t end) {
    std::copy_n(rows_[begin], width_, low_.begin());
    std::copy_n(rows_[begin], width_, high_.begin());
    float* const low = low_.data();
    float* const high = high_.data();
    for (std::size_t i = begin + 1; i < end; ++i) {
      const float* const row = rows_[i];
      for (std::size_t d = 0; d < width_; ++d) {
        low[d] = row[d] < low[d] ? row[d] : low[d];
        high[d] = row[d] > high[d] ? row[d] : high[d];
      }
    }
    double sum = 0;
    for (std::size_t d = 0; d < width_; ++d) sum += side(d);
    return sum;
  }

  [[nodiscard]] double side(std::size_t d) const {
    return static_cast<double>(high_[d]) - static_cast<double>(low_[d]);
  }

  /// One point of all sides laid end to end gives both dimension and place.
  CutTree::Cut draw(double sides) {
    double at = random_.next() * sides;
    std::size_t chosen = 0;
    for (std::size_t d = 0; d < width_; ++d) {
      if (side(d) == 0) continue;
      chosen = d;
      if (at < side(d)) break;
      at -= side(d);
    }
    // Below the upper end, or every point would go left; rounding may reach it.
    const auto place = static_cast<float>(static_cast<double>(low_[chosen]) + at);
    const float value = place < high_[chosen] ? place : std::nextafter(high_[chosen], low_[chosen]);
    return {.value = value, .dimension = static_cast<std::uint16_t>(chosen)};
  }

  std::vector<const float*> rows_;
  std::size_t width_;
  Uniform& random_;
  std::vector<float> low_, high_;
  CutTree tree_;
};

/// A box that grows around points.
struct Box {
  std::vector<double> low, high;

  explicit Box(std::span<const float> point)
      : low(point.begin(), point.end()), high(point.begin(), point.end()) {}
  void include(std::span<const float> point) {
    for (std::size_t d = 0; d < low.size(); ++d) {
      low[d] = std::min(low[d], static_cast<double>(point[d]));
      high[d] = std::max(high[d], static_cast<double>(point[d]));
    }
  }
  /// How likely a random cut of the box around this and x separates x.
  [[nodiscard]] double separation(std::span<const float> x) const {
    double outside = 0, sides = 0;
    for (std::size_t d = 0; d < low.size(); ++d) {
      const double at = static_cast<double>(x[d]);
      outside += std::max({low[d] - at, at - high[d], 0.0});
      sides += high[d] - low[d];
    }
    return outside > 0 ? outside / (outside + sides) : 0;
  }
};

/// Includes every point below a node.
void include_below(const CutTree& tree, std::size_t top, Box& box) {
  std::vector<std::size_t> open{top};
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    if (node >= tree.cuts()) {
      box.include(tree.point(node - tree.cuts()));
    } else {
      open.push_back(tree.inner[node].left);
      open.push_back(tree.inner[node].right);
    }
  }
}

}  // namespace

std::int64_t CutTree::mass() const {
  return std::accumulate(masses.begin(), masses.end(), std::int64_t{0});
}

std::vector<std::uint16_t> CutTree::depths() const {
  std::vector<std::uint16_t> all(nodes());
  for (std::size_t node = 0; node < cuts(); ++node) {
    const auto below = static_cast<std::uint16_t>(all[node] + 1);
    all[inner[node].left] = all[inner[node].right] = below;
  }
  return all;
}

std::vector<std::uint16_t> CutTree::parents() const {
  std::vector<std::uint16_t> all(nodes());
  for (std::size_t node = 0; node < cuts(); ++node)
    all[inner[node].left] = all[inner[node].right] = static_cast<std::uint16_t>(node);
  return all;
}

CutTree grow_tree(std::span<const float* const> rows, std::int64_t features, Uniform& random) {
  MILLRACE_CHECK(!rows.empty() && rows.size() <= static_cast<std::size_t>(kMaxTreePoints));
  MILLRACE_CHECK(features >= 1 && features <= kMaxFeatures);
  return Grower(rows, features, random).grow();
}

double exact_score(const CutTree& tree, std::span<const float> x) {
  std::vector<std::size_t> path{0};  // inner nodes from the root down, then the leaf
  while (path.back() < tree.cuts()) {
    const CutTree::Cut& cut = tree.inner[path.back()];
    path.push_back(x[cut.dimension] <= cut.value ? cut.left : cut.right);
  }
  const std::size_t leaf = path.back() - tree.cuts();
  const std::int64_t mass = tree.mass();
  const auto depth = static_cast<std::int64_t>(path.size()) - 1;
  const std::span<const float> point = tree.point(leaf);
  if (std::equal(x.begin(), x.end(), point.begin(), point.end()))
    return score_of_known_point(depth, tree.masses[leaf], mass) * score_scale(mass);
  double score = score_of_new_point(depth);
  Box box(point);
  for (std::int64_t d = depth - 1; d >= 0; --d) {
    const CutTree::Cut& cut = tree.inner[path[static_cast<std::size_t>(d)]];
    const std::size_t below = path[static_cast<std::size_t>(d) + 1];
    include_below(tree, cut.left == below ? cut.right : cut.left, box);
    const double p = box.separation(x);
    // Inside this box x is inside all boxes above it.
    if (p == 0) break;
    score = p * score_of_new_point(d) + (1 - p) * score;
  }
  return score * score_scale(mass);
}

double score_of_known_point(std::int64_t depth, std::int64_t mass, std::int64_t tree_mass) {
  const double damp = 1 - static_cast<double>(mass) / (2 * static_cast<double>(tree_mass));
  return damp / (static_cast<double>(depth) + std::log2(static_cast<double>(mass) + 1));
}

double score_scale(std::int64_t tree_mass) {
  return std::log2(static_cast<double>(tree_mass) + 1);
}

}  // namespace millrace::random_cut_forest
