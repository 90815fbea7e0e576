#include "platform/runner/process_usage.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/text.h"

namespace millrace::runner {
namespace {

struct ProcessTimes {
  pid_t parent = 0;
  std::int64_t ticks = 0;
};

/// From /proc/<pid>/stat; fields as numbered in proc(5). The name before them may hold anything, so
/// they are counted from its closing parenthesis.
std::optional<ProcessTimes> read_times(const std::filesystem::path& directory) {
  std::ifstream file(directory / "stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  ProcessTimes times;
  std::string skipped;
  fields >> skipped >> times.parent;                           // 3 state, 4 ppid
  for (int field = 5; field < 14; ++field) fields >> skipped;  // to 13 cmajflt
  for (int field = 14; field <= 17; ++field) {                 // utime stime cutime cstime
    std::int64_t ticks = 0;
    fields >> ticks;
    times.ticks += ticks;
  }
  if (!fields) return std::nullopt;
  return times;
}

/// Pages of its own, and pages that others may have too, from /proc/<pid>/statm.
std::pair<std::int64_t, std::int64_t> read_pages(const std::filesystem::path& directory) {
  std::ifstream file(directory / "statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  std::int64_t shared = 0;
  file >> size >> resident >> shared;
  return {std::max<std::int64_t>(0, resident - shared), shared};
}

}  // namespace

ProcessUsage usage_below(pid_t ancestor) {
  std::unordered_map<pid_t, ProcessTimes> processes;
  std::unordered_map<pid_t, std::vector<pid_t>> children;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failure)) {
    const auto pid = parse_int(entry.path().filename().string());
    if (!pid) continue;
    if (const auto times = read_times(entry.path())) {
      processes.emplace(static_cast<pid_t>(*pid), *times);
      children[times->parent].push_back(static_cast<pid_t>(*pid));
    }
  }
  std::int64_t ticks = 0;
  std::int64_t own_pages = 0;
  std::int64_t shared_pages = 0;
  std::set<pid_t> counted;
  std::vector<pid_t> rest = children[ancestor];
  while (!rest.empty()) {
    const pid_t pid = rest.back();
    rest.pop_back();
    counted.insert(pid);
    const std::vector<pid_t>& below = children[pid];
    rest.insert(rest.end(), below.begin(), below.end());
    ticks += processes.at(pid).ticks;
    const auto [own, shared] = read_pages("/proc/" + std::to_string(pid));
    own_pages += own;
    shared_pages = std::max(shared_pages, shared);
  }
  return {.cpu_seconds = static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK)),
          .memory_bytes = (own_pages + shared_pages) * ::sysconf(_SC_PAGESIZE),
          .processes = std::move(counted)};
}

}  // namespace millrace::runner
