#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::kmeans {

const TensorAlgorithm& tensor_algorithm();

void train(Job& job);

}  // namespace millrace::kmeans
