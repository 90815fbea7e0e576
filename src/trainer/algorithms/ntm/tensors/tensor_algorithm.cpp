#include "trainer/algorithms/ntm/tensors/tensor_algorithm.h"

#include "trainer/algorithms/ntm/scoring.h"

namespace millrace::ntm {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{.name = "ntm", .train = &train, .load = &load_scorer};
  return entry;
}

}  // namespace millrace::ntm
