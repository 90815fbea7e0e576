#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::pca {

const TensorAlgorithm& tensor_algorithm();

void train(Job& job);

}  // namespace millrace::pca
