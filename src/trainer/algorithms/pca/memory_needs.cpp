#include "trainer/algorithms/pca/memory_needs.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "core/base/error.h"

namespace millrace::pca {
namespace {

/// The matrix, its eigenvectors and LAPACK's workspace of two more (syevd), as double.
constexpr double kBytesOfAnElement = 4 * 8;
/// A random matrix and sums of products with it, as float and double; its decomposition then holds
/// up to five more of this shape.
constexpr double kBytesOfASketched = 2 * 4 + 6 * 8;

std::string gigabytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", bytes / 1e9);
  return text;
}

}  // namespace

double memory_needs(const Hyperparameters& h) {
  const auto features = static_cast<double>(h.feature_dim);
  return h.sketches() ? features * static_cast<double>(h.sketch_columns()) * kBytesOfASketched
                      : features * features * kBytesOfAnElement;
}

double memory_limit() {
  double limit =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    // "max", or no such file, is no limit.
    if (double group = 0; std::ifstream(file) >> group) limit = std::min(limit, group);
  }
  return limit;
}

void require_memory(const Hyperparameters& h, double limit) {
  if (memory_needs(h) <= limit) return;
  Hyperparameters other = h;
  other.algorithm_mode = Mode::Randomized;
  const bool sketch_fits = !h.sketches() && other.sketches() && memory_needs(other) <= limit;
  throw Error(
      Blame::Customer,
      Problem{.where = "hyperparameter 'feature_dim'",
              .given = std::to_string(h.feature_dim),
              .expected = "what fits in the host's " + gigabytes(limit) + " of memory; " +
                          (h.sketches() ? "a sketch of " + std::to_string(h.sketch_columns()) +
                                              " columns takes "
                                        : std::string("this matrix takes ")) +
                          gigabytes(memory_needs(h)),
              .fix = sketch_fits ? "Set algorithm_mode to randomized, which takes " +
                                       gigabytes(memory_needs(other)) + "."
                                 : "Lower num_components and extra_components with "
                                   "algorithm_mode randomized, or use a larger instance."});
}

}  // namespace millrace::pca
