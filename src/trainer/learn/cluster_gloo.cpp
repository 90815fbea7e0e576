// Source: PyTorch, torch/csrc/distributed/c10d.
#include <torch/types.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/learn/cluster.h"

namespace millrace {
namespace {

/// Hosts of a job start minutes apart, where images are fetched and channels downloaded.
constexpr std::chrono::minutes kMeeting{10};
/// The longest that a host may lag behind the others between two sums, reading its data.
constexpr std::chrono::minutes kPatience{30};

std::uint16_t meeting_port() {
  const char* const given = std::getenv("MASTER_PORT");
  const auto port = parse_int(given == nullptr ? "" : given);
  return static_cast<std::uint16_t>(port && *port > 0 && *port < 65536 ? *port : Cluster::kPort);
}

}  // namespace

struct Cluster::Group {
  c10::intrusive_ptr<c10d::TCPStore> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;

  template <class T>
  void sum(std::span<T> values, at::ScalarType type) {
    std::vector<at::Tensor> tensors{
        at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, type)};
    try {
      gloo->allreduce(tensors)->wait();
    } catch (const std::exception& lost) {
      throw Error(Blame::Platform,
                  std::string("another host of the job is gone or hangs: ") + lost.what());
    }
  }
};

Cluster::Cluster(const ResourceConfig& resources) {
  std::vector<std::string> hosts = resources.hosts;
  std::sort(hosts.begin(), hosts.end());
  size_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(hosts.size()));
  if (size_ == 1) return;
  const auto mine = std::find(hosts.begin(), hosts.end(), resources.current_host);
  if (mine == hosts.end()) {
    throw Error(Blame::Platform, "resourceconfig.json: current_host " + resources.current_host +
                                     " is not among the hosts");
  }
  rank_ = mine - hosts.begin();
  group_ = std::make_unique<Group>();
  try {
    c10d::TCPStoreOptions where;
    where.port = meeting_port();
    where.isServer = is_first();
    where.numWorkers = static_cast<std::size_t>(size_);
    where.timeout = kMeeting;
    // On by default in newer versions, and absent from distributions' builds of them.
    [](auto& options) {
      if constexpr (requires { options.useLibUV; }) options.useLibUV = false;
    }(where);
    group_->store = c10::make_intrusive<c10d::TCPStore>(hosts.front(), where);
    auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
    options->devices.push_back(
        c10d::ProcessGroupGloo::createDeviceForInterface(resources.network_interface));
    options->threads = 1;
    group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        c10::make_intrusive<c10d::PrefixStore>("millrace", group_->store), static_cast<int>(rank_),
        static_cast<int>(size_), options);
  } catch (const std::exception& failure) {
    throw Error(Blame::Platform, "the " + std::to_string(size_) +
                                     " hosts of the job did not meet at " + hosts.front() + ": " +
                                     failure.what());
  }
}

Cluster::~Cluster() = default;

void Cluster::sum(std::span<float> values) {
  if (group_) group_->sum(values, at::kFloat);
}

void Cluster::sum(std::span<double> values) {
  if (group_) group_->sum(values, at::kDouble);
}

std::vector<float> Cluster::gather(std::span<const float> values) {
  if (!group_) return {values.begin(), values.end()};
  std::vector<double> counts(static_cast<std::size_t>(size_));
  counts[static_cast<std::size_t>(rank_)] = static_cast<double>(values.size());
  sum(counts);
  std::size_t before = 0, all = 0;
  for (std::int64_t host = 0; host < size_; ++host) {
    const auto count = static_cast<std::size_t>(counts[static_cast<std::size_t>(host)]);
    if (host < rank_) before += count;
    all += count;
  }
  std::vector<float> gathered(all);
  std::copy(values.begin(), values.end(), gathered.begin() + static_cast<std::ptrdiff_t>(before));
  if (all > 0) sum(std::span<float>(gathered));
  return gathered;
}

bool Cluster::any(bool here) {
  std::vector<double> hosts{here ? 1.0 : 0.0};
  sum(hosts);
  return hosts[0] > 0;
}

}  // namespace millrace
