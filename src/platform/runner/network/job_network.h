#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/runner/network/door.h"
#include "platform/runner/network/namespace.h"
#include "platform/runner/network/namespace_sharing.h"
#include "platform/runner/network/relay.h"
#include "platform/runner/sandbox/sandbox.h"

namespace millrace::runner {

/// The network that the program of one host of a job runs in:
///
///   * A namespace of the job's own, with a loopback interface and nothing else. All hosts of the
///     job share it: the first one's program gets it, and the others join (NamespaceGiver). At
///     AWS_ENDPOINT_URL the daemon answers, through a door that each host has at an address of its
///     own, so that what one host still asks for does not end with another host.
///   * The same without the door, for a job with network isolation.
///   * The machine's, where the operator wants that.
class JobNetwork {
 public:
  struct Options {
    std::string host;
    std::vector<std::string> hosts;                ///< of the job
    std::map<std::string, std::string> addresses;  ///< of hosts, where there are several
    bool isolated = false;
    bool of_machine = false;      ///< unless `isolated`
    std::string daemon_socket;    ///< to which the door leads; empty: there is none
    std::filesystem::path giver;  ///< the socket at which the first host gives the namespace
  };

  explicit JobNetwork(Options options) : options_(std::move(options)) {}

  /// Changes `order` so that the program is started in this network; this must outlive its start,
  /// and the program. Waits for the first host where there are several. False when `stop` fires
  /// before that. Throws Error(Platform). On the thread that starts the program.
  bool arrange(SandboxOrder& order, const std::stop_token& stop);
  /// Of the first of several hosts, after its program: waits until the others have joined, or
  /// `stop` fires.
  void wait_for_others(const std::stop_token& stop);

 private:
  [[nodiscard]] bool is_first() const { return options_.host == options_.hosts.front(); }
  void open(std::uint16_t daemon_port);

  const Options options_;
  NetworkNamespace inside_;
  std::unique_ptr<NamespaceDoor> door_;
  std::unique_ptr<Relay> relay_;
  std::optional<NamespaceGiver> giver_;
};

}  // namespace millrace::runner
