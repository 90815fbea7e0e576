#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::knn {

/// Answers with `predicted_label` and, where the request's accept says verbose=true, `distances`
/// and `labels` of the neighbours, nearest first.
std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model);

}  // namespace millrace::knn
