#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"

#include "trainer/algorithms/image_classification/tensors/score.h"

namespace millrace::image_classification {

const TensorAlgorithm& tensor_algorithm() {
  static const TensorAlgorithm entry{
      .name = "image-classification", .train = &train, .evaluate = &evaluate, .load = &load};
  return entry;
}

}  // namespace millrace::image_classification
