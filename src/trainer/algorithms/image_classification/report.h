#pragma once

#include <string>
#include <vector>

#include "codec/image.h"
#include "trainer/algorithms/image_classification/evaluation.h"
#include "trainer/vision/image_records.h"

namespace millrace::image_classification {

/// One page to look at: accuracy, the confusion matrix with precision and recall of each class, and
/// the most confident mistakes as pictures. Matrices are drawn up to kMaxMatrixClasses classes;
/// beyond, the classes that fare worst.
Image draw_report(const Evaluation& evaluation, const ImageRecords& records,
                  const std::vector<std::string>& class_names);

inline constexpr std::int64_t kMaxMatrixClasses = 30;

}  // namespace millrace::image_classification
