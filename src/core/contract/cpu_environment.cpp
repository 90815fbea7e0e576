#include "core/contract/cpu_environment.h"

#include <sched.h>

namespace millrace {

std::map<std::string, std::string> cpu_environment(int threads) {
  std::map<std::string, std::string> variables{{"OMP_NUM_THREADS", std::to_string(threads)}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    variables["OPENBLAS_CORETYPE"] = "SKYLAKEX";
    variables["ATEN_CPU_CAPABILITY"] = "avx512";
  } else if (__builtin_cpu_supports("avx2")) {
    variables["OPENBLAS_CORETYPE"] = "HASWELL";
    variables["ATEN_CPU_CAPABILITY"] = "avx2";
  }
#endif
  return variables;
}

int available_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

}  // namespace millrace
