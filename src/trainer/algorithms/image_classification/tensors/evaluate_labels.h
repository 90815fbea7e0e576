#pragma once

#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/job/algorithm.h"

namespace millrace::image_classification {

/// The figures of LabelEvaluation for a multi-label model, "model", its file, and "data"; with
/// request.output also the files of write_label_evaluation(). Throws Error(Customer) for images
/// whose labels are not a 0 or a 1 for each of the model's classes.
Json evaluate_labels(const EvaluateRequest& request, const SavedModel& model);

}  // namespace millrace::image_classification
