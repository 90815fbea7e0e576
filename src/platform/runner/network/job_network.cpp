#include "platform/runner/network/job_network.h"

#include <utility>

#include "platform/runner/network/inner_endpoint.h"

namespace millrace::runner {

bool JobNetwork::arrange(SandboxOrder& order, const std::stop_token& stop) {
  order.network = options_.of_machine && !options_.isolated;
  if (order.network) return true;
  InnerAddress inner;
  if (options_.hosts.size() > 1) inner.address = options_.addresses.at(options_.host);
  const std::uint16_t daemon_port = options_.isolated || options_.daemon_socket.empty()
                                        ? std::uint16_t{0}
                                        : make_endpoint_inner(order.environment, inner);
  if (!is_first()) {
    inside_ = take_namespace(options_.giver, stop);
    if (!inside_.network) return false;
    order.shared = &inside_;
  }
  order.prepare = [this, daemon_port](pid_t member) {
    if (is_first()) inside_ = namespace_of(member);
    open(daemon_port);
    if (!is_first() || options_.hosts.size() == 1) return;
    wait_for_users(member);
    giver_.emplace(options_.giver, inside_);
  };
  return true;
}

void JobNetwork::open(std::uint16_t daemon_port) {
  NamespaceDoor::Options door{.daemon_port = daemon_port};
  if (options_.hosts.size() > 1) door.daemon_address = options_.addresses.at(options_.host);
  door_ = std::make_unique<NamespaceDoor>(inside_, door);
  if (daemon_port == 0) return;
  relay_ = std::make_unique<Relay>(
      door_->arrivals(), [path = options_.daemon_socket] { return connect_to_daemon(path); });
}

void JobNetwork::wait_for_others(const std::stop_token& stop) {
  if (giver_) giver_->wait_for(options_.hosts.size() - 1, stop);
}

}  // namespace millrace::runner
