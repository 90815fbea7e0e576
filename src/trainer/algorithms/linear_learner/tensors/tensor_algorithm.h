#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::linear_learner {

const TensorAlgorithm& tensor_algorithm();

void train(Job& job);

}  // namespace millrace::linear_learner
