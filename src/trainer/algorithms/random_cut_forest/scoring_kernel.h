#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::random_cut_forest {

/// Instructions that rows are compared with boxes by. All give the same scores up to rounding.
enum class SimdPath { Portable, Avx2, Avx512 };
/// Whether this machine has them.
bool can_run(SimdPath path);
SimdPath best_simd_path();

/// Dimensions are padded with zeros to a multiple of this, the lanes of the widest registers.
inline constexpr std::size_t kLanes = 16;

/// The box around the points below a node, [stride] each, a multiple of kLanes. A leaf's box is its
/// point, without extent.
struct NodeBox {
  const float* low = nullptr;
  const float* high = nullptr;
  std::size_t stride = 0;
  float sides = 0;      ///< their sum
  float new_score = 0;  ///< of a row that is cut off at this node
};

/// Takes rows one node further up. `active` names `count` rows of `rows`, [.., stride], that lay
/// outside of the boxes below; `scores`, by row, is what was found there.
///
/// A random cut of the box around node and row separates the two with probability p = how far the
/// row lies outside, over the sides of that larger box: then the score is the node's, else the one
/// from below. Rows inside the box are done, since all boxes above hold them too: they keep their
/// score. Moves the other ones to the front of `active` and answers how many they are.
using CompareRows = std::size_t (*)(const NodeBox& box, const float* rows, std::uint16_t* active,
                                    std::size_t count, float* scores);

CompareRows compare_rows(SimdPath path);

}  // namespace millrace::random_cut_forest
