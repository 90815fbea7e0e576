#include "trainer/algorithms/linear_learner/tensors/tensor_algorithm.h"

#include "trainer/algorithms/linear_learner/scoring.h"

namespace millrace::linear_learner {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{
      .name = "linear-learner", .train = &train, .load = &load_scorer};
  return entry;
}

}  // namespace millrace::linear_learner
