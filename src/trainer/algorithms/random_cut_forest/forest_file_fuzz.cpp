#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"
#include "trainer/algorithms/random_cut_forest/forest_file.h"
#include "trainer/algorithms/random_cut_forest/forest_scorer.h"

namespace {

using namespace millrace::random_cut_forest;

/// Whatever was accepted is a forest: it scores, and survives being written and read again.
void use(const Forest& forest) {
  const ForestScorer scorer(forest, 1, SimdPath::Portable);
  const std::vector<float> row(static_cast<std::size_t>(forest.features), 0.5F);
  if (!std::isfinite(scorer.score(row)[0])) std::abort();
  if (read_forest(write_forest(forest)) != forest) std::abort();
}

/// The arrays themselves, which an archive's check sums hide from a fuzzer: trees, nodes, points.
Forest from_arrays(const std::uint8_t* data, std::size_t size) {
  const std::int64_t features = 1 + data[1] % 3;
  const std::size_t trees = data[2] % 4, nodes = data[3];
  FlatTrees flat;
  for (std::size_t at = 4, i = 0; at + sizeof(float) <= size; at += sizeof(float), ++i) {
    float value;
    std::memcpy(&value, data + at, sizeof value);
    (i < trees               ? flat.tree_nodes
     : i < trees + 2 * nodes ? flat.nodes
                             : flat.points)
        .push_back(value);
  }
  return {.features = features, .trees = unflatten(flat, features, "input")};
}

}  // namespace

/// Any bytes are refused with an Error or give a forest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    if (size > 4 && data[0] == 'a') {
      const Forest forest = from_arrays(data, size);
      if (!forest.trees.empty()) use(forest);
    } else {
      use(read_forest({reinterpret_cast<const char*>(data), size}));
    }
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
