#include "platform/hosting/traffic.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/http/handshake.h"
#include "platform/fleet/instance_socket.h"
#include "platform/hosting/names.h"

namespace millrace::hosting {
namespace {

/// Kept connections of one instance; a server may have a thread for each.
constexpr std::size_t kMaxIdle = 64;
/// For a server to accept. The contract says 250 ms; a machine that is busy gets more.
constexpr std::chrono::milliseconds kConnectTimeout{2000};

/// The handshake may still be under way when the socket comes; its failure must not look like that
/// of a request.
void await_handshake(const Fd& fd) {
  const int failure = http::await_handshake(fd.get(), kConnectTimeout);
  if (failure != 0) {
    throw Error(Blame::Platform,
                std::string("the model's server takes no connection: ") + std::strerror(failure));
  }
  const int on = 1;
  // Fails for what is no TCP socket, which needs none.
  static_cast<void>(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

}  // namespace

Server::Line Server::take(std::chrono::milliseconds timeout) {
  std::optional<Line> kept = idle_.with([](std::vector<Line>& idle) -> std::optional<Line> {
    if (idle.empty()) return std::nullopt;
    std::optional<Line> last(std::move(idle.back()));
    idle.pop_back();
    return last;
  });
  if (kept) return *std::move(kept);
  auto connected = std::make_shared<bool>(false);
  auto connect = [socket = socket_, connected] {
    *connected = false;
    Fd fd = fleet::connect_to_instance(socket, kConnectTimeout);
    await_handshake(fd);
    *connected = true;
    return fd;
  };
  return {.client = http::Client(std::move(connect), "the model's server", timeout),
          .connected = std::move(connected)};
}

void Server::give_back(Line line) {
  idle_.with([&](std::vector<Line>& idle) {
    if (idle.size() < kMaxIdle) idle.push_back(std::move(line));
  });
}

void Traffic::publish(const std::string& account, const std::string& name,
                      const EndpointState& state) {
  const std::lock_guard lock(mutex_);
  Live& live = live_[{account, to_lower(name)}];
  if (state.revision <= live.revision) return;
  live.revision = state.revision;
  live.status = state.status;
  live.ready = state.current.has_value();
  live.routes.clear();
  std::erase_if(live.servers, [&](const auto& entry) {
    const std::int64_t generation = entry.first.first;
    return state.variant(generation) == nullptr && state.leaving_of(generation) == nullptr;
  });
  if (!state.current || state.deleting) return;
  for (const Variant& variant : state.current->variants) {
    Route& route = live.routes.emplace_back(
        Route{.variant = variant.name(),
              .generation = variant.generation,
              .weight = variant.weight,
              .least_outstanding = variant.config.routing_config &&
                                   variant.config.routing_config->routing_strategy ==
                                       wire::sagemaker::RoutingStrategy::LEAST_OUTSTANDING_REQUESTS,
              .healthy = {},
              .why = {}});
    const ServerWorkload workload{
        .endpoint = name, .variant = variant.name(), .generation = variant.generation};
    for (const Instance& instance : variant.instances) {
      std::shared_ptr<Server>& server = live.servers[{variant.generation, instance.host}];
      if (!server || server->log_stream() != instance.log_stream) {
        server = std::make_shared<Server>(
            fleet::instance_socket(data_dir_, workload.text(), instance.host), instance.log_stream);
      }
      if (instance.phase == phase::kHealthy) {
        route.healthy.push_back(server);
      } else if (route.why.empty()) {
        route.why = instance.reason;
      }
    }
  }
}

void Traffic::forget(const std::string& account, const std::string& name, std::int64_t revision) {
  const std::lock_guard lock(mutex_);
  live_[{account, to_lower(name)}] =
      Live{.revision = revision, .status = "Deleting", .routes = {}, .servers = {}};
}

std::int64_t Traffic::Live::requests(std::int64_t generation) const {
  std::int64_t count = 0;
  for (const auto& [key, server] : servers) {
    if (key.first == generation) count += server->requests();
  }
  return count;
}

std::int64_t Traffic::requests(const std::string& account, const std::string& name,
                               std::int64_t generation) const {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find({account, to_lower(name)});
  return found == live_.end() ? 0 : found->second.requests(generation);
}

bool Traffic::is_idle(const std::string& account, const std::string& name, std::int64_t generation,
                      std::int64_t revision) const {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find({account, to_lower(name)});
  return found != live_.end() && found->second.revision >= revision &&
         found->second.requests(generation) == 0;
}

double Traffic::next_draw() {
  // 2^64 divided by the golden ratio: the product wraps as the fraction does.
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;
  constexpr double kScale = 1.0 / 18446744073709551616.0;
  return static_cast<double>(++draws_ * kStep) * kScale;
}

Traffic::Route* Traffic::draw(const std::vector<Route*>& routes) {
  double total = 0;
  for (const Route* route : routes) total += route->weight;
  if (total <= 0) return nullptr;
  double at = next_draw() * total;
  for (Route* route : routes) {
    if (at < route->weight) return route;
    at -= route->weight;
  }
  // Rounding may leave a remainder above the last.
  const auto weighs = [](const Route* route) { return route->weight > 0; };
  return *std::find_if(routes.rbegin(), routes.rend(), weighs);
}

Traffic::Choice Traffic::choose(const std::string& account, const std::string& name,
                                const std::string& variant, const std::set<const Server*>& tried) {
  using Outcome = Choice::Outcome;
  const std::lock_guard lock(mutex_);
  const auto found = live_.find({account, to_lower(name)});
  if (found == live_.end()) return {.outcome = Outcome::NoEndpoint};
  Live& live = found->second;
  if (live.status == "Deleting") return {.outcome = Outcome::NoEndpoint};
  if (!live.ready) return {.outcome = Outcome::NotReady, .why = live.status};

  const auto untried = [&](const Route& route) {
    std::vector<std::shared_ptr<Server>> servers;
    std::copy_if(route.healthy.begin(), route.healthy.end(), std::back_inserter(servers),
                 [&](const auto& server) { return !tried.contains(server.get()); });
    return servers;
  };
  Route* chosen = nullptr;
  Choice none{.outcome = Outcome::NoInstance};
  if (!variant.empty()) {
    for (Route& route : live.routes) {
      if (route.variant == variant) chosen = &route;
    }
    if (chosen == nullptr) {
      none.outcome = Outcome::NoVariant;
      for (const Route& route : live.routes) none.variants.push_back(route.variant);
      return none;
    }
    none.why = chosen->why;
  } else {
    // A variant that answers nobody leaves its share to the others.
    std::vector<Route*> able;
    for (Route& route : live.routes) {
      if (!untried(route).empty()) able.push_back(&route);
      if (none.why.empty()) none.why = route.why;
    }
    chosen = draw(able);
    if (chosen == nullptr) return none;
  }
  const std::vector<std::shared_ptr<Server>> servers = untried(*chosen);
  if (servers.empty()) return none;
  std::shared_ptr<Server> server;
  if (chosen->least_outstanding) {
    server = *std::min_element(servers.begin(), servers.end(), [](const auto& a, const auto& b) {
      return a->requests() < b->requests();
    });
  } else {
    server = servers[chosen->turn++ % servers.size()];
  }
  return {.outcome = Outcome::Found, .claim = Claim(std::move(server), chosen->variant)};
}

}  // namespace millrace::hosting
