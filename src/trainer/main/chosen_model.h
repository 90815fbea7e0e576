#pragma once

#include <filesystem>
#include <memory>

#include "trainer/job/algorithm.h"
#include "trainer/main/commands.h"

namespace millrace {

/// The algorithm of a saved model: of the option --algorithm, else of the variable
/// MILLRACE_ALGORITHM, else as the model itself says. Throws Error(Customer) where nothing does.
const Algorithm& algorithm_of(const Options& options, const std::filesystem::path& model);

/// The model, ready to answer requests; loads libtorch only for algorithms that need it. Throws
/// Error(Customer) where the algorithm's models answer none, and what its load() throws.
std::unique_ptr<Scorer> load_model(const Algorithm& algorithm, const std::filesystem::path& model);

}  // namespace millrace
