#include "trainer/learn/cluster.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <functional>
#include <thread>

#include "core/base/error.h"

namespace millrace {
namespace {

/// Runs `body` on three hosts of one process.
void on_three_hosts(const char* port, const std::function<void(Cluster&)>& body) {
  ::setenv("MASTER_PORT", port, 1);
  const std::vector<std::string> hosts{"127.0.0.3", "127.0.0.1", "127.0.0.2"};
  std::vector<std::thread> running;
  for (const std::string& host : hosts) {
    running.emplace_back([&, host] {
      Cluster cluster({.current_host = host, .hosts = hosts, .network_interface = "lo"});
      body(cluster);
    });
  }
  for (std::thread& thread : running) thread.join();
}

TEST(Cluster, SumsAreTheSameOnEveryHost) {
  on_three_hosts("29471", [](Cluster& cluster) {
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
  on_three_hosts("29472", [](Cluster& cluster) {
    const std::vector<float> mine(static_cast<std::size_t>(cluster.rank()),
                                  static_cast<float>(cluster.rank()));
    EXPECT_EQ(cluster.gather(mine), (std::vector<float>{1, 2, 2}));
    EXPECT_TRUE(cluster.gather({}).empty());
  });
}

TEST(Cluster, AHostThatIsGoneEndsTheOthers) {
  on_three_hosts("29473", [](Cluster& cluster) {
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

TEST(Cluster, OneHostNeedsNobody) {
  Cluster cluster(ResourceConfig{.current_host = "algo-1", .hosts = {"algo-1"}});
  std::vector<float> values{1, 2};
  cluster.sum(values);
  EXPECT_EQ(values, (std::vector<float>{1, 2}));
  EXPECT_EQ(cluster.gather(values), values);
}

}  // namespace
}  // namespace millrace
