#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/scorer.h"

namespace millrace::kmeans {

/// Answers with `closest_cluster`, the number of a centre of the model, and `distance_to_cluster`,
/// the Euclidean distance to it. Needs no libtorch.
std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model);

}  // namespace millrace::kmeans
