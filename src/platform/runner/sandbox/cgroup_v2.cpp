#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "platform/runner/sandbox/cgroup_interface.h"

namespace millrace::runner {
namespace {

constexpr std::int64_t kPeriodMicroseconds = 100000;
/// The child group that holds the daemon and its supervisors.
constexpr std::string_view kOwnProcesses = "millrace-daemons";

std::vector<ControlSetting> settings_v2(std::string_view controller, const Limits& limits) {
  if (controller == "memory") {
    return {{"memory.max", std::to_string(limits.memory_bytes)},
            {"memory.swap.max", "0", /*required=*/false}};
  }
  if (controller == "cpu") {
    const auto quota =
        static_cast<std::int64_t>(limits.cpus * static_cast<double>(kPeriodMicroseconds));
    return {{"cpu.max", std::to_string(quota) + " " + std::to_string(kPeriodMicroseconds)}};
  }
  return {{"pids.max", std::to_string(limits.processes)}};
}

bool holds_word(const std::string& file, std::string_view word) {
  std::ifstream words(file);
  for (std::string each; words >> each;) {
    if (each == word) return true;
  }
  return false;
}

bool write_control(const std::string& file, const std::string& value) {
  std::ofstream control(file);
  control << value;
  return static_cast<bool>(control.flush());
}

std::string executable_of(const std::string& pid) {
  std::error_code failure;
  return std::filesystem::read_symlink("/proc/" + pid + "/exe", failure).string();
}

void move_own_processes(const std::string& from, const std::string& into) {
  const std::string self = executable_of("self");
  std::ifstream members(from + "/cgroup.procs");
  for (std::string pid; members >> pid;) {
    if (executable_of(pid) == self) write_control(into + "/cgroup.procs", pid);
  }
}

}  // namespace

std::optional<GroupPlan> plan_v2(const CgroupPosition& position, std::string_view controller,
                                 const Limits& limits) {
  auto parent = own_group(position, "cgroup2", "");
  if (!parent) return std::nullopt;
  const std::filesystem::path own(*parent);
  if (own.filename() == kOwnProcesses) parent = own.parent_path().string();
  return GroupPlan{.parent = *parent, .settings = settings_v2(controller, limits)};
}

bool delegate_v2(const std::string& parent, std::string_view controller) {
  const std::string handed_down = parent + "/cgroup.subtree_control";
  const std::string order = "+" + std::string(controller);
  if (!holds_word(parent + "/cgroup.controllers", controller)) return false;
  if (holds_word(handed_down, controller) || write_control(handed_down, order)) return true;
  const std::string leaf = parent + "/" + std::string(kOwnProcesses);
  ::mkdir(leaf.c_str(), 0755);  // it may exist already; the next step shows whether it is usable
  move_own_processes(parent, leaf);
  return write_control(handed_down, order);
}

}  // namespace millrace::runner
