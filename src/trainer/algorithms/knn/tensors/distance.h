#pragma once

#include <cstdint>

namespace millrace::knn {

/// Sums over the components of two vectors in double, always in the same order: what two ways of
/// searching find is then the same, bit for bit, and rows that are equally far are so exactly.
double squared_distance(const float* a, const float* b, std::int64_t count);
double inner_product(const float* a, const float* b, std::int64_t count);

/// Whether a value that is not above the threshold stands among `count` of them; a NaN does not.
bool any_at_most(const float* values, std::int64_t count, float threshold);

}  // namespace millrace::knn
