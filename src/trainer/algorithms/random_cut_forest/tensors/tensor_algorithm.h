#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::random_cut_forest {

const TensorAlgorithm& tensor_algorithm();

/// On any number of hosts.
void train(Job& job);

}  // namespace millrace::random_cut_forest
