#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::knn {

const TensorAlgorithm& tensor_algorithm();

void train(Job& job);

}  // namespace millrace::knn
