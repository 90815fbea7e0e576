#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/algorithms/random_cut_forest/forest.h"

namespace millrace::random_cut_forest {

/// Trees as three arrays of numbers, of which those of several hosts are joined by joining the
/// arrays.
struct FlatTrees {
  std::vector<float> tree_nodes;  ///< [trees] nodes of each
  /// [nodes, 2], depth first and left before right: dimension and value of a cut; -1 and mass of a
  /// leaf.
  std::vector<float> nodes;
  std::vector<float> points;  ///< [leaves, features], in the order of the leaves
};

FlatTrees flatten(const std::vector<CutTree>& trees);
/// Throws Error(Customer) naming `origin` and the node where the arrays are no trees.
std::vector<CutTree> unflatten(const FlatTrees& flat, std::int64_t features,
                               std::string_view origin);

/// Member of a model's directory.
inline constexpr std::string_view kModelFile = "model_algo-1";

/// The bytes of `model_algo-1`: a ZIP, whose check sums cover all of it, of random-cut-forest.json,
/// {"version": 1, "feature_dim": D}, and of forest.params, an NDArray list of the arrays of
/// FlatTrees by their names.
std::string write_forest(const Forest& forest);
/// Throws Error(Customer) naming what is missing or damaged; any bytes may be given.
Forest read_forest(std::string_view bytes);

/// Replaces the file in `directory` as a whole.
void save_model(const std::filesystem::path& directory, const Forest& forest);
/// From model.tar.gz or the directory it was made of. Throws as read_forest does.
Forest load_model(const std::filesystem::path& path);

}  // namespace millrace::random_cut_forest
