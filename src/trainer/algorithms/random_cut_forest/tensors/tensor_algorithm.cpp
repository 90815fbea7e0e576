#include "trainer/algorithms/random_cut_forest/tensors/tensor_algorithm.h"

#include "trainer/algorithms/random_cut_forest/scoring.h"

namespace millrace::random_cut_forest {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{
      .name = "randomcutforest", .train = &train, .load = &load_scorer};
  return entry;
}

}  // namespace millrace::random_cut_forest
