#pragma once

#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/job/algorithm.h"

namespace millrace::image_classification {

/// The figures of LabelEvaluation for a multi-label model, and "model", its file. Throws
/// Error(Customer) for records whose labels are not a 0 or a 1 for each of the model's classes, and
/// for a request of a page, which is about one class per image.
Json evaluate_labels(const EvaluateRequest& request, const SavedModel& model);

}  // namespace millrace::image_classification
