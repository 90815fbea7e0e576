#include <malloc.h>

#include <cstddef>

#include "trainer/job/algorithm.h"

/// What trainer/main/tensor_half.cpp looks for in this library.
extern "C" __attribute__((visibility("default"))) const millrace::TensorAlgorithm* const*
millrace_tensor_algorithms(std::size_t* count) {
  // Activations of every step are allocated and freed anew. By default glibc hands such blocks back
  // to the kernel and takes fresh, zeroed pages for the next step; kept, they cost nothing.
  constexpr int kKeptBytes = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kKeptBytes);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  const auto entries = millrace::all_tensor_algorithms();
  *count = entries.size();
  return entries.data();
}
