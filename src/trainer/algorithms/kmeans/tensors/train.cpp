#include "trainer/algorithms/kmeans/tensors/tensor_algorithm.h"
#include "trainer/algorithms/kmeans/training.h"
#include "trainer/learn/cluster_hosts.h"

namespace millrace::kmeans {

void train(Job& job) {
  ClusterHosts hosts(job);
  train_centres(job, hosts);
}

}  // namespace millrace::kmeans
