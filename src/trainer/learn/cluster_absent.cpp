#include "core/base/error.h"
#include "trainer/learn/cluster.h"

namespace millrace {

struct Cluster::Group {};

Cluster::Cluster(const ResourceConfig& resources, std::stop_token) {
  if (resources.hosts.size() < 2) return;
  throw Error(Blame::Customer,
              Problem{.where = "InstanceCount",
                      .given = std::to_string(resources.hosts.size()),
                      .expected = "1: this build has no Gloo to join hosts with",
                      .fix = "Set ResourceConfig.InstanceCount to 1, or build with libgloo-dev."});
}

Cluster::~Cluster() = default;

void Cluster::sum(std::span<float>) {}
void Cluster::sum(std::span<double>) {}

std::vector<float> Cluster::gather(std::span<const float> values) {
  return {values.begin(), values.end()};
}

bool Cluster::any(bool here) {
  return here;
}

}  // namespace millrace
