#include "trainer/algorithms/random_cut_forest/forest_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"
#include "core/json/json.h"
#include "trainer/tabular/model_files.h"

namespace millrace::random_cut_forest {
namespace {

constexpr const char* kAbout = "random-cut-forest.json";
constexpr const char* kParams = "forest.params";
constexpr std::int64_t kVersion = 1;
constexpr float kLeafMark = -1;

[[noreturn]] void refuse(std::string where, std::string given, std::string expected) {
  throw Error(Blame::Customer, Problem{.where = std::move(where),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = "Use the model.tar.gz of a randomcutforest job."});
}

std::string text_of(float value) {
  return number_text(static_cast<double>(value));
}

/// Nodes of a subtree in depth-first order, with an explicit stack: a tree may be as deep as it has
/// points.
void append_nodes(const CutTree& tree, std::vector<float>& out) {
  std::vector<std::size_t> open{0};
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    if (node >= tree.cuts()) {
      out.insert(out.end(), {kLeafMark, static_cast<float>(tree.masses[node - tree.cuts()])});
      continue;
    }
    const CutTree::Cut& cut = tree.inner[node];
    out.insert(out.end(), {static_cast<float>(cut.dimension), cut.value});
    open.push_back(cut.right);
    open.push_back(cut.left);
  }
}

/// Reads trees off the arrays, believing nothing.
class Unflattener {
 public:
  Unflattener(const FlatTrees& flat, std::int64_t features, std::string_view origin)
      : flat_(flat), features_(features), origin_(origin) {}

  std::vector<CutTree> trees() {
    const auto width = static_cast<std::size_t>(features_);
    std::vector<CutTree> trees;
    for (const float count : flat_.tree_nodes) trees.push_back(tree(count));
    if (2 * next_node_ != flat_.nodes.size())
      wrong(std::to_string(flat_.nodes.size() / 2) + " nodes", std::to_string(next_node_));
    if (next_leaf_ * width != flat_.points.size()) {
      wrong(std::to_string(flat_.points.size()) + " numbers of points",
            std::to_string(next_leaf_ * width));
    }
    return trees;
  }

 private:
  [[noreturn]] void wrong(std::string given, std::string expected) const {
    refuse(std::string(origin_) + ", node " + std::to_string(next_node_), std::move(given),
           std::move(expected));
  }

  /// `value` as a whole number from `least` to `most`.
  [[nodiscard]] std::size_t whole(float value, std::size_t least, std::size_t most,
                                  const char* what) const {
    if (!(value >= static_cast<float>(least) && value <= static_cast<float>(most)) ||
        value != std::floor(value)) {
      wrong(text_of(value),
            std::string(what) + ", from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return static_cast<std::size_t>(value);
  }

  CutTree tree(float given_nodes) {
    const std::size_t count =
        whole(given_nodes, 1, 2 * static_cast<std::size_t>(kMaxTreePoints) - 1, "nodes of a tree");
    const std::size_t end = next_node_ + count;
    if (count % 2 == 0 || 2 * end > flat_.nodes.size())
      wrong(std::to_string(count) + " nodes", "an odd number that the array holds");
    CutTree tree{.features = features_};
    const std::size_t cuts = count / 2;
    std::size_t mass = 0;
    // Ends of cuts that have no child yet, the next to be given on top.
    std::vector<std::uint16_t*> open;
    std::uint16_t root = 0;
    open.push_back(&root);
    tree.inner.reserve(cuts);  // so that the pointers stay
    for (; next_node_ < end; ++next_node_) {
      if (open.empty()) wrong("a further node", "no more, the tree being complete");
      std::uint16_t* const place = open.back();
      open.pop_back();
      const float mark = flat_.nodes[2 * next_node_], value = flat_.nodes[2 * next_node_ + 1];
      if (mark == kLeafMark) {
        *place = static_cast<std::uint16_t>(cuts + tree.leaves());
        tree.masses.push_back(static_cast<std::uint16_t>(
            whole(value, 1, static_cast<std::size_t>(kMaxTreePoints) - mass, "mass of a leaf")));
        mass += tree.masses.back();
        continue;
      }
      const std::size_t dimension =
          whole(mark, 0, static_cast<std::size_t>(features_) - 1, "-1 or a dimension");
      if (!std::isfinite(value)) wrong(text_of(value), "a finite cut");
      if (tree.cuts() == cuts) wrong("a further cut", "one leaf more than cuts");
      *place = static_cast<std::uint16_t>(tree.cuts());
      tree.inner.push_back({.value = value, .dimension = static_cast<std::uint16_t>(dimension)});
      open.push_back(&tree.inner.back().right);
      open.push_back(&tree.inner.back().left);
    }
    if (!open.empty()) wrong("the end of the tree", "both ends of every cut");
    take_points(tree);
    return tree;
  }

  void take_points(CutTree& tree) {
    const auto width = static_cast<std::size_t>(features_);
    const std::size_t begin = next_leaf_ * width, end = begin + tree.leaves() * width;
    if (end > flat_.points.size())
      wrong(std::to_string(flat_.points.size()) + " numbers of points", "those of every leaf");
    for (std::size_t i = begin; i < end; ++i) {
      if (!std::isfinite(flat_.points[i])) wrong(text_of(flat_.points[i]), "finite points");
    }
    tree.points.assign(flat_.points.begin() + static_cast<std::ptrdiff_t>(begin),
                       flat_.points.begin() + static_cast<std::ptrdiff_t>(end));
    next_leaf_ += tree.leaves();
  }

  const FlatTrees& flat_;
  std::int64_t features_;
  std::string_view origin_;
  std::size_t next_node_ = 0, next_leaf_ = 0;
};

std::string place_of(std::string_view what) {
  return std::string(kModelFile) + ", " + std::string(what);
}

const std::string& member(const std::map<std::string, std::string>& members, const char* name) {
  const auto found = members.find(name);
  if (found == members.end()) refuse(place_of(name), {}, "this member");
  return found->second;
}

}  // namespace

FlatTrees flatten(const std::vector<CutTree>& trees) {
  FlatTrees flat;
  for (const CutTree& tree : trees) {
    flat.tree_nodes.push_back(static_cast<float>(tree.nodes()));
    append_nodes(tree, flat.nodes);
    flat.points.insert(flat.points.end(), tree.points.begin(), tree.points.end());
  }
  return flat;
}

std::vector<CutTree> unflatten(const FlatTrees& flat, std::int64_t features,
                               std::string_view origin) {
  return Unflattener(flat, features, origin).trees();
}

std::string write_forest(const Forest& forest) {
  FlatTrees flat = flatten(forest.trees);
  const auto trees = static_cast<std::int64_t>(flat.tree_nodes.size());
  const auto nodes = static_cast<std::int64_t>(flat.nodes.size() / 2);
  const auto leaves = static_cast<std::int64_t>(flat.points.size()) / forest.features;
  StringSink params;
  write_ndarray_list(
      params,
      {{.name = "tree_nodes", .shape = {trees}, .values = std::move(flat.tree_nodes)},
       {.name = "nodes", .shape = {nodes, 2}, .values = std::move(flat.nodes)},
       {.name = "points", .shape = {leaves, forest.features}, .values = std::move(flat.points)}});
  Json about = Json::object();
  about["version"] = kVersion;
  about["feature_dim"] = forest.features;
  return write_zip({{kAbout, to_text(about)}, {kParams, params.text()}});
}

Forest read_forest(std::string_view bytes) {
  const auto members = read_zip(bytes, kModelFile);
  const Json about = parse_json(member(members, kAbout), kAbout);
  const std::int64_t version = require_int(about, "version", kAbout);
  if (version != kVersion)
    refuse(place_of(kAbout), "version " + std::to_string(version), "version 1");
  Forest forest{.features = require_int(about, "feature_dim", kAbout)};
  if (forest.features < 1 || forest.features > kMaxFeatures) {
    refuse(place_of(kAbout), "feature_dim " + std::to_string(forest.features),
           "1 to " + std::to_string(kMaxFeatures));
  }
  FlatTrees flat;
  for (NamedArray& array : read_ndarray_list(member(members, kParams), kParams)) {
    if (array.name == "tree_nodes") flat.tree_nodes = std::move(array.values);
    if (array.name == "nodes") flat.nodes = std::move(array.values);
    if (array.name == "points") flat.points = std::move(array.values);
  }
  forest.trees = unflatten(flat, forest.features, place_of(kParams));
  if (forest.trees.empty()) refuse(place_of(kParams), "no trees", "at least one");
  return forest;
}

void save_model(const std::filesystem::path& directory, const Forest& forest) {
  std::filesystem::create_directories(directory);
  write_file_durably(directory / kModelFile, write_forest(forest));
}

Forest load_model(const std::filesystem::path& path) {
  return read_forest(read_model_file(path, kModelFile, "randomcutforest"));
}

}  // namespace millrace::random_cut_forest
