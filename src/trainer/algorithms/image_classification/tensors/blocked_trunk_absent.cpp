#include "core/base/check.h"
#include "trainer/algorithms/image_classification/tensors/blocked_trunk.h"

namespace millrace::image_classification {

class BlockedPlan {};

bool BlockedTrunk::runs(const Graph&) {
  return false;
}

BlockedTrunk::BlockedTrunk(const Graph&, const BlockedBatch&) {
  check_failed("a build without oneDNN asks for no blocked trunk", __FILE__, __LINE__);
}

BlockedTrunk::~BlockedTrunk() = default;

torch::Tensor BlockedTrunk::features(const torch::Tensor&, const std::vector<torch::Tensor>&) {
  return {};
}

std::size_t BlockedTrunk::last() const {
  return 0;
}

}  // namespace millrace::image_classification
