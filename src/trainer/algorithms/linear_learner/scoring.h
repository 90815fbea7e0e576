#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::linear_learner {

/// Answers with `score` (a probability of logistic and softmax models, one for each class of the
/// latter) and, of classifiers, `predicted_label`. Needs no libtorch.
std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model);

}  // namespace millrace::linear_learner
