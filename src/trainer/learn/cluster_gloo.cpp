// Source: PyTorch, torch/csrc/distributed/c10d.
#include <torch/types.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/learn/cluster.h"
#include "trainer/learn/meeting.h"

namespace millrace {
namespace {

/// For hosts that have met to connect to each other, which takes milliseconds.
constexpr std::chrono::seconds kJoining{60};
/// The longest that a host may lag behind the others between two sums, reading its data.
constexpr std::chrono::minutes kPatience{30};
/// For the platform to hear from the host that was lost, and to tell this one.
constexpr std::chrono::seconds kFarewell{60};

std::uint16_t meeting_port() {
  const char* const given = std::getenv("MASTER_PORT");
  const auto port = parse_int(given == nullptr ? "" : given);
  return static_cast<std::uint16_t>(port && *port > 0 && *port < 65536 ? *port : Cluster::kPort);
}

/// A store whose keys are there soon or never, whatever patience the sums need.
class JoiningStore final : public c10d::PrefixStore {
 public:
  explicit JoiningStore(c10::intrusive_ptr<c10d::Store> store)
      : c10d::PrefixStore("millrace", std::move(store)) {}
  using c10d::PrefixStore::wait;
  void wait(const std::vector<std::string>& keys,
            const std::chrono::milliseconds& timeout) override {
    c10d::PrefixStore::wait(keys, std::min<std::chrono::milliseconds>(timeout, kJoining));
  }
};

/// The first host's store listens at a port that the system chose; the meeting tells it the others.
c10::intrusive_ptr<c10d::Store> joined_store(const MeetingPlace& place,
                                             const std::stop_token& stop) {
  c10d::TCPStoreOptions options;
  options.port = 0;
  options.isServer = place.rank == 0;
  options.numWorkers = place.hosts.size();
  options.waitWorkers = false;
  options.timeout = kJoining;
  // On by default in newer versions, and absent from distributions' builds of them.
  [](auto& newer) {
    if constexpr (requires { newer.useLibUV; }) newer.useLibUV = false;
  }(options);
  const std::string& first = place.hosts.front();
  if (place.rank == 0) {
    auto store = c10::make_intrusive<c10d::TCPStore>(first, options);
    (void)meet(place, store->getPort(), stop);
    return store;
  }
  options.port = meet(place, 0, stop);
  return c10::make_intrusive<c10d::TCPStore>(first, options);
}

}  // namespace

struct Cluster::Group {
  std::stop_token stop;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;

  template <class T>
  void sum(std::span<T> values, at::ScalarType type) {
    std::vector<at::Tensor> tensors{
        at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, type)};
    try {
      gloo->allreduce(tensors)->wait();
    } catch (const std::exception& lost) {
      lose(lost.what());
    }
  }

  /// The other host's own reason must be the first that the platform hears.
  [[noreturn]] void lose(const std::string& reason) {
    gloo.reset();
    const auto end = std::chrono::steady_clock::now() + kFarewell;
    while (stop.stop_possible() && !stop.stop_requested() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    throw Error(Blame::Platform, "another host of the job is gone or hangs: " + reason);
  }
};

Cluster::Cluster(const ResourceConfig& resources, std::stop_token stop) {
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
  group_->stop = stop;
  try {
    const auto store = joined_store(
        {.hosts = hosts, .rank = static_cast<std::size_t>(rank_), .port = meeting_port()}, stop);
    auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
    options->devices.push_back(
        c10d::ProcessGroupGloo::createDeviceForInterface(resources.network_interface));
    options->threads = 1;
    group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        c10::make_intrusive<JoiningStore>(store), static_cast<int>(rank_), static_cast<int>(size_),
        options);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& failure) {
    group_->lose(failure.what());
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
