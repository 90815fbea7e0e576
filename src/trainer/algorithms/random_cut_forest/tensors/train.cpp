#include "trainer/algorithms/random_cut_forest/tensors/tensor_algorithm.h"
#include "trainer/algorithms/random_cut_forest/training.h"
#include "trainer/learn/cluster_hosts.h"

namespace millrace::random_cut_forest {

void train(Job& job) {
  ClusterHosts hosts(job);
  train_forest(job, hosts);
}

}  // namespace millrace::random_cut_forest
