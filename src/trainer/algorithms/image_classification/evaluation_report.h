#pragma once

#include <string>

#include "codec/image.h"
#include "trainer/algorithms/image_classification/evaluation_output.h"

namespace millrace::image_classification {

/// An evaluation to look at.
struct Report {
  std::string html;  ///< one page: figures, confusion matrix, a table of classes, worst mistakes
  Image mistakes;    ///< a contact sheet of the same mistakes
};

/// Decodes the pictures of the mistakes that are shown. The matrix is shown up to kMaxShownClasses
/// classes; beyond, the commonest confusions alone. `figures` is evaluation_json().
Report make_report(const MeasuredModel& measured, const Json& figures);

inline constexpr std::int64_t kMaxShownClasses = 60;

}  // namespace millrace::image_classification
