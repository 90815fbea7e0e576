#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/algorithms/random_cut_forest/forest.h"
#include "trainer/algorithms/random_cut_forest/scoring_kernel.h"

namespace millrace::random_cut_forest {

/// Scores rows with a forest, as exact_score() does, in float32.
///
/// Rows are taken in blocks, and each block through one tree after the other. Within a tree a block
/// is divided by the cuts on the way down, and on the way up all rows that are still undecided at a
/// node are compared with its box at once: a box is loaded once for a block, and no row waits for
/// a node that another has not asked for. Rows and a tree's boxes stay in the second level of
/// cache.
///
/// Boxes are not kept: making them anew costs a few hundredths of scoring a full block. Memory
/// beside the forest is one tree's boxes for each thread, 12 x leaves x features bytes, and a
/// block.
class ForestScorer {
 public:
  /// Rows to hand over at once where they come in any number: a full block for each thread.
  static std::int64_t batch_rows(std::int64_t features, int threads);

  /// `forest` must outlive this.
  ForestScorer(const Forest& forest, int threads, SimdPath path = best_simd_path());

  /// The mean score of each row over the trees; 0 of a forest without trees. `rows` is
  /// [n, features], finite.
  [[nodiscard]] std::vector<float> score(std::span<const float> rows) const;

 private:
  /// What scoring looks up of a tree.
  struct Tree {
    const CutTree* tree = nullptr;
    bool moderate = true;                         ///< its numbers suit float32 sums
    std::vector<float> new_scores, known_scores;  ///< [nodes], [leaves], scaled
  };

  void score_block(std::span<const float> rows, float* scores) const;

  const Forest& forest_;
  int threads_;
  CompareRows compare_;
  std::vector<Tree> trees_;
};

}  // namespace millrace::random_cut_forest
