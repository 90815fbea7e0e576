#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::ntm {

const TensorAlgorithm& tensor_algorithm();

void train(Job& job);

}  // namespace millrace::ntm
