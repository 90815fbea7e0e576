#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::random_cut_forest {

/// Answers with `score`, in JSON under "scores".
std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model);

}  // namespace millrace::random_cut_forest
