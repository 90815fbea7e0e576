#include "platform/catalog/instance_types.h"

#include <gtest/gtest.h>

#include <utility>

namespace millrace::catalog {
namespace {

TEST(InstanceTypes, GetTheirPublishedSizeCutToTheMachine) {
  constexpr std::int64_t kGiB = std::int64_t{1} << 30;
  const Resources big{.cpus = 1000, .memory_bytes = 100'000 * kGiB};
  const auto size = [&](const char* type) {
    const Resources found = resources_of(type, big);
    return std::pair(found.cpus, found.memory_bytes / kGiB);
  };
  EXPECT_EQ(size("ml.m5.large"), std::pair(2.0, std::int64_t{8}));
  EXPECT_EQ(size("ml.m5.24xlarge"), std::pair(96.0, std::int64_t{384}));
  EXPECT_EQ(size("ml.c5.xlarge"), std::pair(4.0, std::int64_t{8}));
  EXPECT_EQ(size("ml.c4.8xlarge"), std::pair(36.0, std::int64_t{60}));
  EXPECT_EQ(size("ml.c5n.18xlarge"), std::pair(72.0, std::int64_t{192}));
  EXPECT_EQ(size("ml.p2.xlarge"), std::pair(4.0, std::int64_t{61}));
  EXPECT_EQ(size("ml.p3.2xlarge"), std::pair(8.0, std::int64_t{61}));
  EXPECT_EQ(size("ml.g5.48xlarge"), std::pair(192.0, std::int64_t{768}));
  EXPECT_EQ(size("ml.t3.medium"), std::pair(2.0, std::int64_t{4}));
  const Resources small{.cpus = 2, .memory_bytes = 4 * kGiB};
  EXPECT_EQ(resources_of("ml.m5.24xlarge", small).cpus, 2);
  EXPECT_EQ(resources_of("ml.m5.24xlarge", small).memory_bytes, 4 * kGiB);
  EXPECT_EQ(resources_of("ml.future.9xlarge", small).cpus, 2) << "an unknown size gets the machine";
}

TEST(InstanceTypes, ThisMachineHasCpusAndMemory) {
  EXPECT_GE(this_machine().cpus, 1);
  EXPECT_GT(this_machine().memory_bytes, 1 << 20);
}

TEST(InstanceTypes, LocalNvmeIsAPropertyOfTheFamily) {
  EXPECT_TRUE(has_local_nvme("ml.g4dn.xlarge"));
  EXPECT_TRUE(has_local_nvme("ml.p5en.48xlarge"));
  EXPECT_FALSE(has_local_nvme("ml.m5.large"));
  EXPECT_FALSE(has_local_nvme("ml.p3.2xlarge"));
}

TEST(SharesOf, SeveralInstancesShareTheMachineInProportion) {
  const std::int64_t gib = std::int64_t{1} << 30;
  const Resources machine{.cpus = 2, .memory_bytes = 12 * gib};
  const auto two = shares_of({"ml.m5.large", "ml.m5.large"}, machine);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].cpus, 1);
  EXPECT_EQ(two[0].memory_bytes, 6 * gib);
  EXPECT_EQ(sum_of(two).cpus, machine.cpus);
  const auto large =
      shares_of({"ml.m5.large", "ml.m5.large"}, {.cpus = 8, .memory_bytes = 64 * gib});
  EXPECT_EQ(large[1].cpus, 2);
  EXPECT_EQ(large[1].memory_bytes, 8 * gib);
  const auto one = shares_of({"ml.m5.large"}, machine);
  EXPECT_EQ(one[0].cpus, 2);
  EXPECT_EQ(one[0].memory_bytes, 8 * gib);
}

}  // namespace
}  // namespace millrace::catalog
