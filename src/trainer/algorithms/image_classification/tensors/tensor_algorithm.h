#pragma once

#include "trainer/job/algorithm.h"

namespace millrace::image_classification {

const TensorAlgorithm& tensor_algorithm();

void train(Job& job);
Json evaluate(const EvaluateRequest& request);

}  // namespace millrace::image_classification
