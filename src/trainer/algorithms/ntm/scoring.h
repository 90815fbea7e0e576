#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::ntm {

/// Answers with `topic_weights`, a number for each topic, which add up to 1. Needs no libtorch.
std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model);

}  // namespace millrace::ntm
