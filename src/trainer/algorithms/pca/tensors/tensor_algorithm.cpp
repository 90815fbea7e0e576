#include "trainer/algorithms/pca/tensors/tensor_algorithm.h"

#include "trainer/algorithms/pca/algorithm.h"
#include "trainer/algorithms/pca/scoring.h"

namespace millrace::pca {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{.name = kName, .train = &train, .load = &load_scorer};
  return entry;
}

}  // namespace millrace::pca
