#pragma once

#include <ATen/Parallel.h>

#include <cstdint>

namespace millrace::pca {

/// While it lives, LAPACK has one thread for small problems: a reduction to tridiagonal or
/// bidiagonal form is thousands of short steps between which threads wait for each other, far
/// longer than the steps take where another process has the core.
class SolverThreads {
 public:
  explicit SolverThreads(std::int64_t size) : before_(at::get_num_threads()) {
    if (size < kLarge) at::set_num_threads(1);
  }
  SolverThreads(const SolverThreads&) = delete;
  SolverThreads& operator=(const SolverThreads&) = delete;
  ~SolverThreads() { at::set_num_threads(before_); }

 private:
  static constexpr std::int64_t kLarge = 1024;

  int before_;
};

}  // namespace millrace::pca
