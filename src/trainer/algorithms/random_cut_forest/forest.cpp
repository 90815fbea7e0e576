#include "trainer/algorithms/random_cut_forest/forest.h"

#include <algorithm>
#include <numeric>

#include "core/base/for_each_on.h"

namespace millrace::random_cut_forest {
namespace {

/// Streams of random numbers: one for each tree, by its number, and others that are none of them.
constexpr std::uint64_t kShuffleStream = std::uint64_t{1} << 32;

/// Fisher and Yates.
void shuffle(std::vector<const float*>& rows, Uniform& random) {
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.below(i)]);
}

struct Extent {
  std::size_t least = 0, most = 0, mean = 0;
};

Extent extent(const std::vector<std::size_t>& values) {
  if (values.empty()) return {};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {.least = *least,
          .most = *most,
          .mean = std::accumulate(values.begin(), values.end(), std::size_t{0}) / values.size()};
}

std::string listed(const std::vector<std::size_t>& values) {
  std::string text = "[";
  for (const std::size_t value : values) text += std::to_string(value) + ", ";
  return text + "]";
}

}  // namespace

std::vector<CutTree> grow_trees(std::span<const float* const> rows, std::int64_t features,
                                const GrowOptions& options) {
  std::vector<const float*> order(rows.begin(), rows.end());
  if (options.partition == Partition::Shuffled) {
    Uniform random(options.seed, kShuffleStream + static_cast<std::uint64_t>(options.first_tree));
    shuffle(order, random);
  }
  const std::size_t trees = std::min(static_cast<std::size_t>(options.trees), order.size());
  if (trees == 0) return {};
  const std::size_t points =
      std::min(static_cast<std::size_t>(options.points), order.size() / trees);
  std::vector<CutTree> grown(trees);
  for_each_on(options.threads, trees, [&](std::size_t t) {
    Uniform random(options.seed, static_cast<std::uint64_t>(options.first_tree) + t);
    grown[t] = grow_tree(std::span(order).subspan(t * points, points), features, random);
  });
  return grown;
}

std::string forest_info(const Forest& forest) {
  std::vector<std::size_t> nodes, depths;
  std::size_t points = 0, bytes = 0;
  for (const CutTree& tree : forest.trees) {
    const std::vector<std::uint16_t> all = tree.depths();
    nodes.push_back(tree.nodes());
    depths.push_back(std::size_t{1} + *std::max_element(all.begin(), all.end()));
    points += static_cast<std::size_t>(tree.mass());
    bytes += tree.inner.size() * sizeof(CutTree::Cut) + tree.points.size() * sizeof(float) +
             tree.masses.size() * sizeof(std::uint16_t);
  }
  const Extent sizes = extent(nodes), heights = extent(depths);
  const std::size_t trees = forest.trees.size();
  const auto number = [](std::size_t value) { return std::to_string(value); };
  return "ForestInfo{num_trees: " + number(trees) + ", num_samples_in_forest: " + number(points) +
         ", num_samples_per_tree: " + number(trees == 0 ? 0 : points / trees) +
         ", sample_dim: " + std::to_string(forest.features) +
         ", shingle_size: 1, trees_num_nodes: " + listed(nodes) +
         ", trees_depth: " + listed(depths) + ", max_num_nodes: " + number(sizes.most) +
         ", min_num_nodes: " + number(sizes.least) + ", avg_num_nodes: " + number(sizes.mean) +
         ", max_tree_depth: " + number(heights.most) +
         ", min_tree_depth: " + number(heights.least) +
         ", avg_tree_depth: " + number(heights.mean) + ", mem_size: " + number(bytes) + "}";
}

}  // namespace millrace::random_cut_forest
