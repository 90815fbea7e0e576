#include "trainer/learn/agreed_columns.h"

#include <gtest/gtest.h>

#include <array>

#include "core/base/error.h"
#include "trainer/job/job_folder.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace {
namespace {

/// What two hosts that saw these widths (0: no rows) agree on: a width or a refusal on each.
std::array<std::string, 2> agreed(std::array<std::int64_t, 2> widths) {
  JobFolder folder({});
  folder.add_channel({.name = "train", .content_type = "text/csv"}, {});
  const Job job(folder.paths(), {});
  const HostsForTest hosts(2);
  std::array<std::string, 2> answers;
  hosts.run([&](std::size_t host) {
    Cluster cluster(hosts.resources(host));
    TabularChannel channel(*job.find_channel("train"), {}, {});
    if (widths[host] > 0) channel.set_columns(widths[host]);
    try {
      agree_on_columns(cluster, channel);
      answers[host] = std::to_string(channel.columns().value_or(0));
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      answers[host] = error.what();
    }
  });
  return answers;
}

TEST(AgreedColumns, HostsOfTheSameWidthKeepIt) {
  EXPECT_EQ(agreed({3, 3}), (std::array<std::string, 2>{"3", "3"}));
}

TEST(AgreedColumns, AHostWithoutRowsTakesTheOthers) {
  EXPECT_EQ(agreed({0, 4}), (std::array<std::string, 2>{"4", "4"}));
  EXPECT_EQ(agreed({4, 0}), (std::array<std::string, 2>{"4", "4"}));
  EXPECT_EQ(agreed({0, 0}), (std::array<std::string, 2>{"0", "0"}));
}

TEST(AgreedColumns, HostsThatDifferAreBothToldSo) {
  const auto answers = agreed({3, 4});
  EXPECT_EQ(answers[0],
            "channel 'train': got \"3 features on this host\", expected 4, as on another host. "
            "Give all files of the channel the same columns.");
  EXPECT_EQ(answers[1],
            "channel 'train': got \"4 features on this host\", expected 3, as on another host. "
            "Give all files of the channel the same columns.");
}

}  // namespace
}  // namespace millrace
