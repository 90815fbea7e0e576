#include "trainer/algorithms/kmeans/tensors/tensor_algorithm.h"

#include "trainer/algorithms/kmeans/scoring.h"

namespace millrace::kmeans {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{.name = "kmeans", .train = &train, .load = &load_scorer};
  return entry;
}

}  // namespace millrace::kmeans
