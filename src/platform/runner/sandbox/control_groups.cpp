#include "platform/runner/sandbox/control_groups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/base/text.h"
#include "core/io/file.h"
#include "platform/runner/sandbox/cgroup_interface.h"

namespace millrace::runner {
namespace {

/// Writes a control file; an empty text or the reason why it failed.
std::string write_control(const std::string& file, const std::string& value) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd || ::write(fd.get(), value.data(), value.size()) < 0) return std::strerror(errno);
  return {};
}

/// Groups of supervisors that were killed before they could remove them; one that is in use cannot
/// be removed.
void remove_abandoned(const std::filesystem::path& parent) {
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(parent, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename();
    const std::vector<std::string_view> parts = split(name, '-');
    const auto pid =
        parts.size() > 2 && parts[0] == "millrace" ? parse_int(parts[1]) : std::nullopt;
    if (pid && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH)
      ::rmdir(entry->path().c_str());
  }
}

struct Limit {
  const char* controller;
  bool wanted;
  std::string in_words;
};

std::vector<Limit> wanted_limits(const Limits& limits) {
  std::vector<Limit> wanted{
      {"memory", limits.memory_bytes > 0,
       "memory limit of " +
           human_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(limits.memory_bytes, 0)))},
      {"cpu", limits.cpus > 0, "limit of " + number_text(limits.cpus) + " CPUs"},
      {"pids", limits.processes > 0,
       "limit of " + std::to_string(limits.processes) + " processes"}};
  std::erase_if(wanted, [](const Limit& limit) { return !limit.wanted; });
  return wanted;
}

}  // namespace

ControlGroups ControlGroups::create(const Limits& limits, std::string_view name) {
  ControlGroups groups;
  const std::vector<Limit> wanted = wanted_limits(limits);
  if (wanted.empty()) return groups;
  const CgroupPosition position{.self_cgroup = read_file("/proc/self/cgroup"),
                                .mountinfo = read_file("/proc/self/mountinfo")};
  for (const Limit& limit : wanted) {
    std::string problem = "this machine has no such controller";
    auto plan = plan_v1(position, limit.controller, limits);
    const bool version_1 = plan.has_value();
    if (!plan) {
      plan = plan_v2(position, limit.controller, limits);
      if (plan && !delegate_v2(plan->parent, limit.controller)) {
        plan.reset();
        problem = "the controller is not delegated to this user's group";
      }
    }
    if (plan) {
      const std::string directory = plan->parent + "/" + std::string(name);
      problem = groups.enter(directory);
      for (const ControlSetting& setting : plan->settings) {
        if (!problem.empty()) break;
        problem = write_control(directory + "/" + setting.file, setting.value);
        if (!setting.required) problem.clear();
      }
      if (problem.empty() && std::string_view(limit.controller) == "memory") {
        groups.memory_events_ = directory + (version_1 ? "/memory.oom_control" : "/memory.events");
      }
    }
    if (!problem.empty())
      groups.unenforced_.push_back("the " + limit.in_words + " is not enforced: " + problem);
  }
  return groups;
}

std::string ControlGroups::enter(const std::string& directory) {
  if (std::find(directories_.begin(), directories_.end(), directory) != directories_.end())
    return {};
  if (::mkdir(directory.c_str(), 0755) != 0) return std::strerror(errno);
  directories_.push_back(directory);
  Fd entrance(::open((directory + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  if (!entrance) return std::strerror(errno);
  entrances_.push_back(std::move(entrance));
  return {};
}

ControlGroups::~ControlGroups() {
  for (const std::string& directory : directories_) {
    ::rmdir(directory.c_str());
    remove_abandoned(std::filesystem::path(directory).parent_path());
  }
}

std::int64_t ControlGroups::out_of_memory_kills() const {
  std::ifstream events(memory_events_);
  std::string name;
  std::int64_t count = 0;
  while (events >> name >> count) {
    if (name == "oom_kill") return count;
  }
  return 0;
}

}  // namespace millrace::runner
