#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::pca {

/// Answers with `projection`, the strongest component last. Needs no libtorch.
std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model);

}  // namespace millrace::pca
