#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "core/contract/config_files.h"
#include "trainer/job/job.h"
#include "trainer/tabular/share.h"

namespace millrace {

/// The hosts of a job, which train one model together. Each calls the same functions in the same
/// order; what they answer is the same everywhere, bit for bit.
///
///     Cluster cluster(job);
///     learner.set_gradients(batch);
///     cluster.sum(learner.sums());
///     learner.update();
///
/// Carried by libtorch's c10d over Gloo. Hosts meet at the first of their names in order, at the
/// port in the variable MASTER_PORT or kPort of its address (meeting.h), and speak over the network
/// interface that resourceconfig.json names. A host that is gone ends the others with
/// Error(Platform), and one that hangs does so after half an hour. Before that they wait a while
/// for the platform's stop request: the host that went first says why the job failed, and the
/// others are to end after it.
class Cluster {
 public:
  static constexpr int kPort = 29400;

  /// Waits for the other hosts, if there are any. Throws Error(Platform) when they do not come or
  /// the job is to stop meanwhile, and Error(Customer) in a build without Gloo.
  explicit Cluster(const Job& job) : Cluster(job.resources(), job.stop()) {}
  explicit Cluster(const ResourceConfig& resources, std::stop_token stop = {});
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

  [[nodiscard]] std::int64_t rank() const { return rank_; }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] Share share() const { return {.rank = rank_, .size = size_}; }
  [[nodiscard]] bool is_first() const { return rank_ == 0; }

  /// Each value becomes the sum of all hosts' values; as many on each.
  void sum(std::span<float> values);
  void sum(std::span<double> values);
  /// The values of all hosts one behind the other, in order of rank; their numbers may differ.
  std::vector<float> gather(std::span<const float> values);
  /// Whether it is so on any host.
  bool any(bool here);

 private:
  struct Group;

  std::int64_t rank_ = 0;
  std::int64_t size_ = 1;
  std::unique_ptr<Group> group_;  ///< none with a single host
};

}  // namespace millrace
