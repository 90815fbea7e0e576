#include "trainer/algorithms/random_cut_forest/forest_file.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/zip_archive.h"
#include "trainer/algorithms/random_cut_forest/rows_for_test.h"

namespace millrace::random_cut_forest {
namespace {

Forest sample() {
  Rows rows = random_rows(100, 3, 8);
  for (int i = 0; i < 20; ++i) rows.add({1, 2, 3});
  return {.features = 3,
          .trees = grow_trees(rows.pointers(), 3, {.trees = 4, .points = 50, .seed = 2})};
}

std::string refusal_of(std::string_view bytes) {
  try {
    (void)read_forest(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(ForestFile, AForestSurvivesBeingWrittenAndRead) {
  const Forest forest = sample();
  EXPECT_EQ(read_forest(write_forest(forest)), forest);
  const Rows one({{4}}, 1);
  const Forest smallest{.features = 1,
                        .trees = grow_trees(one.pointers(), 1, {.trees = 1, .points = 1})};
  EXPECT_EQ(read_forest(write_forest(smallest)), smallest);
}

TEST(ForestFile, TreesOfHostsAreJoinedByJoiningTheirArrays) {
  const Forest forest = sample();
  FlatTrees joined;
  for (const CutTree& tree : forest.trees) {
    const FlatTrees flat = flatten({tree});
    for (const auto& [to, from] : {std::pair{&joined.tree_nodes, &flat.tree_nodes},
                                   {&joined.nodes, &flat.nodes},
                                   {&joined.points, &flat.points}})
      to->insert(to->end(), from->begin(), from->end());
  }
  EXPECT_EQ(unflatten(joined, 3, "hosts"), forest.trees);
}

TEST(ForestFile, ADamagedByteIsFound) {
  const std::string bytes = write_forest(sample());
  for (std::size_t at = 0; at < bytes.size(); at += 101) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    try {
      EXPECT_EQ(read_forest(damaged), read_forest(bytes)) << at;  // in a field without a meaning
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer) << at;
    }
    EXPECT_NE(refusal_of(std::string_view(bytes).substr(0, at)), "accepted") << at;
  }
}

TEST(ForestFile, WhatIsNoForestIsRefusedByName) {
  const auto archive = [](const std::string& about, const FlatTrees& flat) {
    StringSink params;
    const auto count = [](const std::vector<float>& values) {
      return std::vector<std::int64_t>{static_cast<std::int64_t>(values.size())};
    };
    write_ndarray_list(
        params, {{.name = "tree_nodes", .shape = count(flat.tree_nodes), .values = flat.tree_nodes},
                 {.name = "nodes", .shape = count(flat.nodes), .values = flat.nodes},
                 {.name = "points", .shape = count(flat.points), .values = flat.points}});
    return write_zip({{"random-cut-forest.json", about}, {"forest.params", params.text()}});
  };
  const std::string about = R"({"version":1,"feature_dim":2})";
  // One tree of two leaves, (0, 5) and (1, 5), cut at 0.5 in dimension 0.
  const FlatTrees good{.tree_nodes = {3}, .nodes = {0, 0.5F, -1, 1, -1, 1}, .points = {0, 5, 1, 5}};
  EXPECT_EQ(refusal_of(archive(about, good)), "accepted");

  const auto refused = [&](const std::function<void(FlatTrees&)>& spoil, const char* part) {
    FlatTrees flat = good;
    spoil(flat);
    const std::string text = refusal_of(archive(about, flat));
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  refused([](FlatTrees& f) { f.nodes[0] = 2; }, "got \"2\", expected -1 or a dimension");
  refused([](FlatTrees& f) { f.nodes[0] = 0.5F; }, "got \"0.5\", expected -1 or a dimension");
  refused([](FlatTrees& f) { f.nodes[0] = kNan; }, "expected -1 or a dimension");
  refused([](FlatTrees& f) { f.nodes[1] = kNan; }, "a finite cut");
  refused([](FlatTrees& f) { f.nodes[3] = 0; }, "mass of a leaf");
  refused([](FlatTrees& f) { f.nodes[5] = 2048; }, "mass of a leaf, from 1 to 2047");
  refused([](FlatTrees& f) { f.nodes[0] = -1, f.nodes[1] = 1; },
          "no more, the tree being complete");
  refused([](FlatTrees& f) { f.nodes[2] = 0; }, "one leaf more than cuts");
  refused([](FlatTrees& f) { f.tree_nodes = {2}; }, "an odd number");
  refused([](FlatTrees& f) { f.tree_nodes = {5}; }, "an odd number that the array holds");
  refused([](FlatTrees& f) { f.tree_nodes = {-1}; }, "nodes of a tree");
  refused([](FlatTrees& f) { f.tree_nodes = {}; }, "expected 0");
  refused([](FlatTrees& f) { f = {}; }, "at least one");
  refused([](FlatTrees& f) { f.points[2] = kNan; }, "finite points");
  refused([](FlatTrees& f) { f.points.pop_back(); }, "those of every leaf");
  refused([](FlatTrees& f) { f.points.push_back(1); }, "got \"5 numbers of points\", expected 4");

  for (const auto& [text, part] :
       {std::pair{R"({"version":2,"feature_dim":2})", "expected version 1"},
        {R"({"version":1,"feature_dim":0})", "1 to 10000"},
        {R"({"version":1,"feature_dim":10001})", "1 to 10000"},
        {R"({"version":1})", "feature_dim"},
        {"{", "random-cut-forest.json"}}) {
    const std::string refusal = refusal_of(archive(text, good));
    EXPECT_NE(refusal.find(part), std::string::npos) << refusal;
  }
  EXPECT_NE(refusal_of(write_zip({{"forest.params", ""}})).find("random-cut-forest.json"),
            std::string::npos);
  EXPECT_NE(refusal_of("not an archive"), "accepted");
}

}  // namespace
}  // namespace millrace::random_cut_forest
