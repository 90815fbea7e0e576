#include "trainer/algorithms/knn/tensors/tensor_algorithm.h"

#include "trainer/algorithms/knn/tensors/scoring.h"

namespace millrace::knn {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{.name = "knn", .train = &train, .load = &load_scorer};
  return entry;
}

}  // namespace millrace::knn
