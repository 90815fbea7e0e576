#pragma once

#include <map>
#include <string>

namespace millrace {

/// Variables that numeric libraries read when they load: OPENBLAS_CORETYPE (Debian's OpenBLAS 0.3.21 does not know
/// newer CPUs and falls back to SSE3, 5 times slower), ATEN_CPU_CAPABILITY (libtorch defaults to AVX2) and
/// OMP_NUM_THREADS = `threads`. Goes into every job's environment where the user has not set them.
std::map<std::string, std::string> cpu_environment(int threads);

/// CPUs this process may run on (sched_getaffinity; nproc would obey OMP_NUM_THREADS).
int available_cpus();

}  // namespace millrace
