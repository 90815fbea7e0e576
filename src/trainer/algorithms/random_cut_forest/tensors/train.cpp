#include "trainer/algorithms/random_cut_forest/hosts.h"
#include "trainer/algorithms/random_cut_forest/tensors/tensor_algorithm.h"
#include "trainer/algorithms/random_cut_forest/training.h"
#include "trainer/learn/cluster.h"

namespace millrace::random_cut_forest {
namespace {

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

}  // namespace

void train(Job& job) {
  ClusterHosts hosts(job);
  train_forest(job, hosts);
}

}  // namespace millrace::random_cut_forest
