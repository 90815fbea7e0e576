#include "core/data/csv_kernel.h"

#include "core/data/csv_strips.h"

namespace millrace {
namespace {

/// Leaves every line to parse_csv_line.
CsvRun leave_all(std::string_view, std::int64_t, NonFinite, float*) {
  return {};
}

#if defined(__x86_64__)
CsvRun run_avx2(std::string_view text, std::int64_t columns, NonFinite policy, float* out) {
  return run_csv_strips(text, columns, policy, out, kCsvLoopsAvx2);
}

CsvRun run_avx512(std::string_view text, std::int64_t columns, NonFinite policy, float* out) {
  return run_csv_strips(text, columns, policy, out, kCsvLoopsAvx512);
}
#endif

}  // namespace

bool can_run(CsvPath path) {
  switch (path) {
    case CsvPath::Portable:
      return true;
#if defined(__x86_64__)
    case CsvPath::Avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
             __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    case CsvPath::Avx512:
      return can_run(CsvPath::Avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
             __builtin_cpu_supports("avx512bitalg");
#endif
    default:
      return false;
  }
}

CsvPath best_csv_path() {
  for (const CsvPath path : {CsvPath::Avx512, CsvPath::Avx2})
    if (can_run(path)) return path;
  return CsvPath::Portable;
}

CsvKernel csv_kernel(CsvPath path) {
  switch (path) {
#if defined(__x86_64__)
    case CsvPath::Avx2:
      return run_avx2;
    case CsvPath::Avx512:
      return run_avx512;
#endif
    default:
      return leave_all;
  }
}

}  // namespace millrace
