#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trainer/algorithms/random_cut_forest/cut_tree.h"

namespace millrace::random_cut_forest {

/// A trained model.
struct Forest {
  std::int64_t features = 0;
  std::vector<CutTree> trees;

  bool operator==(const Forest&) const = default;
};

/// Which rows a tree is grown from.
enum class Partition {
  Contiguous,  ///< neighbouring rows of the sample, as the original does
  Shuffled,    ///< any rows of the sample
};

struct GrowOptions {
  std::int64_t trees = 100;
  std::int64_t points = 256;    ///< of a tree, at most
  std::int64_t first_tree = 0;  ///< number, among all hosts' trees, of the first one
  Partition partition = Partition::Contiguous;
  std::uint64_t seed = 0;
  int threads = 1;
};

/// Divides `rows` into options.trees parts of equal size and grows a tree over each; what does not
/// divide evenly is left out. With fewer rows than trees there are as many trees as rows. Each tree
/// has random numbers of its own, by its number, so the forest does not depend on the threads, nor
/// on which host grows which tree.
std::vector<CutTree> grow_trees(std::span<const float* const> rows, std::int64_t features,
                                const GrowOptions& options);

/// The line by which the original describes a forest:
/// ForestInfo{num_trees: 50, num_samples_in_forest: 4000, ..., mem_size: 595536}. Depth is counted
/// in nodes from the root to a leaf, both included; sizes are bytes of the trees in memory.
std::string forest_info(const Forest& forest);

}  // namespace millrace::random_cut_forest
