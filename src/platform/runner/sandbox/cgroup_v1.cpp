#include <cstdint>

#include "platform/runner/sandbox/cgroup_interface.h"

namespace millrace::runner {
namespace {

/// The kernel hands out CPU time in slices of this length; it is the kernel's own default.
constexpr std::int64_t kPeriodMicroseconds = 100000;

std::vector<ControlSetting> settings_v1(std::string_view controller, const Limits& limits) {
  if (controller == "memory") {
    const std::string bytes = std::to_string(limits.memory_bytes);
    // The second counts memory and swap together; kernels without swap accounting do not have it.
    return {{"memory.limit_in_bytes", bytes},
            {"memory.memsw.limit_in_bytes", bytes, /*required=*/false}};
  }
  if (controller == "cpu") {
    const auto quota =
        static_cast<std::int64_t>(limits.cpus * static_cast<double>(kPeriodMicroseconds));
    return {{"cpu.cfs_period_us", std::to_string(kPeriodMicroseconds)},
            {"cpu.cfs_quota_us", std::to_string(quota)}};
  }
  return {{"pids.max", std::to_string(limits.processes)}};
}

}  // namespace

std::optional<GroupPlan> plan_v1(const CgroupPosition& position, std::string_view controller,
                                 const Limits& limits) {
  const auto parent = own_group(position, "cgroup", controller);
  if (!parent) return std::nullopt;
  return GroupPlan{.parent = *parent, .settings = settings_v1(controller, limits)};
}

}  // namespace millrace::runner
