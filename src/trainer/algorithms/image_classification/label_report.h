#pragma once

#include <filesystem>
#include <string>

#include "core/json/json.h"

namespace millrace::image_classification {

/// Writes the figures of a multi-label model (LabelEvaluation::to_json, with "model", "data" and
/// what broken_report.h adds)
/// into a folder, which must be there: evaluation.json, and report.html with the same as a page.
void write_label_evaluation(const std::filesystem::path& folder, const Json& figures);

}  // namespace millrace::image_classification
