#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/runner/sandbox/control_groups.h"

namespace millrace::runner {

/// Where this process stands in the hierarchies of control groups.
struct CgroupPosition {
  std::string self_cgroup;  ///< content of /proc/self/cgroup
  std::string mountinfo;    ///< content of /proc/self/mountinfo
};

/// One control file and what is written into it.
struct ControlSetting {
  std::string file;
  std::string value;
  bool required = true;  ///< false: the kernel may have been built without it

  bool operator==(const ControlSetting&) const = default;
};

/// One group to make for one limit: where, and what to write there.
struct GroupPlan {
  std::string parent;  ///< existing directory
  std::vector<ControlSetting> settings;
};

/// The group for `controller` ("memory", "cpu" or "pids") under version 1, where each controller
/// may have a hierarchy of its own; nullopt when that controller is not mounted. Source:
/// Documentation/admin-guide/cgroup-v1.
std::optional<GroupPlan> plan_v1(const CgroupPosition& position, std::string_view controller,
                                 const Limits& limits);
/// The same under version 2, where all controllers share one hierarchy; nullopt when it is not
/// mounted. Source: Documentation/admin-guide/cgroup-v2.rst.
std::optional<GroupPlan> plan_v2(const CgroupPosition& position, std::string_view controller,
                                 const Limits& limits);

/// Version 2 lets a group have limited children only when no process is in the group itself. Moves
/// the processes that run this same executable (daemon and supervisors) into a child of their own
/// and hands `controller` down. Returns whether children of `parent` have the controller now.
bool delegate_v2(const std::string& parent, std::string_view controller);

/// Directory of the group that /proc/self/cgroup names, in the mount of `filesystem` ("cgroup" or
/// "cgroup2") whose options hold `controller`; an empty controller matches version 2's only line.
std::optional<std::string> own_group(const CgroupPosition& position, std::string_view filesystem,
                                     std::string_view controller);

}  // namespace millrace::runner
