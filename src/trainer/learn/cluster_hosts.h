#pragma once

#include <span>
#include <vector>

#include "trainer/learn/cluster.h"
#include "trainer/tabular/hosts.h"

namespace millrace {

/// Hosts that a Cluster joins.
class ClusterHosts final : public Hosts {
 public:
  explicit ClusterHosts(const Job& job) : cluster_(job) {}

  [[nodiscard]] Share share() const override { return cluster_.share(); }
  void sum(std::span<double> values) override { cluster_.sum(values); }
  std::vector<float> gather(std::span<const float> values) override {
    return cluster_.gather(values);
  }
  bool any(bool here) override { return cluster_.any(here); }

 private:
  Cluster cluster_;
};

}  // namespace millrace
