#include "trainer/learn/cluster.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "core/base/error.h"
#include "trainer/learn/hosts_for_test.h"

namespace millrace {
namespace {

/// Runs `body` on three hosts of one process.
void on_three_hosts(const std::function<void(Cluster&)>& body) {
  const HostsForTest hosts(3);
  hosts.run([&](std::size_t host) {
    Cluster cluster(hosts.resources(host));
    body(cluster);
  });
}

TEST(Cluster, SumsAreTheSameOnEveryHost) {
  on_three_hosts([](Cluster& cluster) {
    ASSERT_EQ(cluster.size(), 3);
    const auto rank = static_cast<double>(cluster.rank());
    std::vector<double> doubles{rank, 1, 0.1 * rank};
    std::vector<float> floats{static_cast<float>(rank) * 2};
    cluster.sum(doubles);
    cluster.sum(floats);
    EXPECT_EQ(doubles[0], 3);
    EXPECT_EQ(doubles[1], 3);
    EXPECT_NEAR(doubles[2], 0.3, 1e-12);
    EXPECT_EQ(floats[0], 6);
  });
}

TEST(Cluster, GatheredValuesStandInOrderOfRank) {
  on_three_hosts([](Cluster& cluster) {
    const std::vector<float> mine(static_cast<std::size_t>(cluster.rank()),
                                  static_cast<float>(cluster.rank()));
    EXPECT_EQ(cluster.gather(mine), (std::vector<float>{1, 2, 2}));
    EXPECT_TRUE(cluster.gather({}).empty());
  });
}

TEST(Cluster, AHostThatIsGoneEndsTheOthers) {
  on_three_hosts([](Cluster& cluster) {
    std::vector<float> values{1};
    cluster.sum(values);
    if (cluster.rank() == 2) return;
    EXPECT_THROW(
        {
          for (;;) cluster.sum(values);
        },
        Error);
  });
}

TEST(Cluster, AHostThatLostAnotherWaitsForTheWordToStop) {
  const HostsForTest hosts(2);
  std::stop_source stop;
  std::atomic<bool> told{false};
  hosts.run([&](std::size_t host) {
    Cluster cluster(hosts.resources(host), stop.get_token());
    std::vector<float> values{1};
    cluster.sum(values);
    if (host == 1) return;
    std::jthread platform([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      told = true;
      stop.request_stop();
    });
    EXPECT_THROW(cluster.sum(values), Error);
    EXPECT_TRUE(told);
  });
}

TEST(Cluster, AStopEndsTheWaitForHostsThatDoNotCome) {
  const HostsForTest hosts(2);
  for (const std::size_t host : {0, 1}) {
    std::stop_source stop;
    std::jthread platform([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      stop.request_stop();
    });
    try {
      const Cluster cluster(hosts.resources(host), stop.get_token());
      ADD_FAILURE() << "met nobody";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("stopped while waiting"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Cluster, TwoJobsMeetAtTheSamePort) {
  // Six addresses, of which three belong to each job.
  const HostsForTest all(6);
  const std::vector<std::string> names = all.resources(0).hosts;
  all.run([&](std::size_t index) {
    const std::size_t first = index / 3 * 3;
    const std::vector<std::string> hosts(names.begin() + static_cast<std::ptrdiff_t>(first),
                                         names.begin() + static_cast<std::ptrdiff_t>(first) + 3);
    Cluster cluster({.current_host = names[index], .hosts = hosts, .network_interface = "lo"});
    std::vector<double> values{static_cast<double>(index)};
    cluster.sum(values);
    EXPECT_EQ(values[0], first == 0 ? 0 + 1 + 2 : 3 + 4 + 5);
  });
}

TEST(Cluster, OneHostNeedsNobody) {
  Cluster cluster(ResourceConfig{.current_host = "algo-1", .hosts = {"algo-1"}});
  std::vector<float> values{1, 2};
  cluster.sum(values);
  EXPECT_EQ(values, (std::vector<float>{1, 2}));
  EXPECT_EQ(cluster.gather(values), values);
}

}  // namespace
}  // namespace millrace
