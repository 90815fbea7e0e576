#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "trainer/algorithms/knn/tensors/index.h"

namespace millrace::knn {

/// Inverted files by FAISS, of the types IvfFlat and IvfPq; in a build without it, what throws
/// Error(Customer) saying so.
std::unique_ptr<Index> build_ivf_index(const IndexSettings& settings,
                                       const std::vector<float>& vectors);
std::unique_ptr<Index> read_ivf_index(std::string_view bytes);

/// Whether this build has FAISS.
bool has_faiss();

}  // namespace millrace::knn
