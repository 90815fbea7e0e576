#pragma once

#include <cstdint>

#include "trainer/algorithms/pca/hyperparameters.h"

namespace millrace::pca {

/// Bytes that the sums and their decomposition take at most, beside the batches.
double memory_needs(const Hyperparameters& h);

/// Bytes that this process may have: the machine's memory or its control group's limit.
double memory_limit();

/// Refuses settings whose sums do not fit in `limit` bytes, before the first row is read. Throws
/// Error(Customer).
void require_memory(const Hyperparameters& h, double limit);

}  // namespace millrace::pca
