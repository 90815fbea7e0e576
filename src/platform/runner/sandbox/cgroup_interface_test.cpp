#include "platform/runner/sandbox/cgroup_interface.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::runner {
namespace {

const CgroupPosition kVersion1{
    .self_cgroup = "8:pids:/\n4:memory:/work/a\n2:cpu,cpuacct:/x\n0::/\n",
    .mountinfo =
        "30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
        "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:5 - cgroup cgroup "
        "rw,cpu,cpuacct\n"
        "32 30 0:28 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "33 30 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"};

const CgroupPosition kVersion2{
    .self_cgroup = "0::/system.slice/millrace.service\n",
    .mountinfo =
        "33 30 0:29 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"};

TEST(CgroupInterface, GroupsAreMadeBelowTheOneThisProcessIsIn) {
  EXPECT_EQ(own_group(kVersion1, "cgroup", "memory"), "/sys/fs/cgroup/memory/work/a");
  EXPECT_EQ(own_group(kVersion1, "cgroup", "cpu"), "/sys/fs/cgroup/cpu,cpuacct/x");
  EXPECT_EQ(own_group(kVersion1, "cgroup", "pids"), std::nullopt) << "named, but not mounted";
  EXPECT_EQ(own_group(kVersion1, "cgroup2", ""), "/sys/fs/cgroup/unified");
  EXPECT_EQ(own_group(kVersion2, "cgroup2", ""), "/sys/fs/cgroup/system.slice/millrace.service");
  EXPECT_EQ(own_group(kVersion2, "cgroup", "memory"), std::nullopt);
}

TEST(CgroupInterface, AContainerThatSeesPartOfTheHierarchyFindsItself) {
  const CgroupPosition position{
      .self_cgroup = "4:memory:/docker/abc/sub\n",
      .mountinfo = "1 2 0:3 /docker/abc /sys/fs/cgroup/my\\040memory rw - cgroup cgroup memory\n"};
  EXPECT_EQ(own_group(position, "cgroup", "memory"), "/sys/fs/cgroup/my memory/sub");
}

TEST(CgroupInterface, VersionOneWritesLimitsOfEachControllerInItsHierarchy) {
  const Limits limits{.cpus = 1.5, .memory_bytes = 1 << 30, .processes = 100};
  EXPECT_EQ(plan_v1(kVersion1, "memory", limits)->settings,
            (std::vector<ControlSetting>{{"memory.limit_in_bytes", "1073741824"},
                                         {"memory.memsw.limit_in_bytes", "1073741824", false}}));
  EXPECT_EQ(plan_v1(kVersion1, "cpu", limits)->settings,
            (std::vector<ControlSetting>{{"cpu.cfs_period_us", "100000"},
                                         {"cpu.cfs_quota_us", "150000"}}));
}

TEST(CgroupInterface, VersionTwoWritesTheSameLimitsInItsOwnWords) {
  const Limits limits{.cpus = 1.5, .memory_bytes = 1 << 30, .processes = 100};
  EXPECT_EQ(
      plan_v2(kVersion2, "memory", limits)->settings,
      (std::vector<ControlSetting>{{"memory.max", "1073741824"}, {"memory.swap.max", "0", false}}));
  EXPECT_EQ(plan_v2(kVersion2, "cpu", limits)->settings,
            (std::vector<ControlSetting>{{"cpu.max", "150000 100000"}}));
  EXPECT_EQ(plan_v2(kVersion2, "pids", limits)->settings,
            (std::vector<ControlSetting>{{"pids.max", "100"}}));
}

TEST(CgroupInterface, VersionTwoPutsJobsBesideTheGroupThatHoldsOurOwnProcesses) {
  CgroupPosition moved = kVersion2;
  moved.self_cgroup = "0::/system.slice/millrace.service/millrace-daemons\n";
  EXPECT_EQ(plan_v2(moved, "pids", {.processes = 1})->parent,
            "/sys/fs/cgroup/system.slice/millrace.service");
}

TEST(CgroupInterface, MalformedTextIsNoGroup) {
  for (const char* text :
       {"", "\n", ":", "::", "4:memory", "- - -", " - cgroup", "a b c d e - cgroup"}) {
    EXPECT_EQ(own_group({.self_cgroup = text, .mountinfo = text}, "cgroup", "memory"), std::nullopt)
        << text;
  }
}

}  // namespace
}  // namespace millrace::runner
