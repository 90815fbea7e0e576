#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/http/client.h"
#include "platform/hosting/endpoint_state.h"

namespace millrace::hosting {

/// The daemon's side of one instance: connections that are kept, and how many requests it has.
class Server {
 public:
  /// A connection that is lent to one request.
  struct Line {
    http::Client client;
    /// Set while there is a connection: a request that failed without one never reached the server.
    std::shared_ptr<bool> connected;
  };

  /// `socket` is the instance's (platform/fleet/instance_socket.h).
  Server(std::filesystem::path socket, std::string log_stream)
      : socket_(std::move(socket)), log_stream_(std::move(log_stream)) {}

  /// A kept connection, or a new one, which connects when it is first used.
  Line take(std::chrono::milliseconds timeout);
  /// For the next request; a connection on which one has failed is not given back.
  void give_back(Line line);

  [[nodiscard]] const std::string& log_stream() const { return log_stream_; }
  [[nodiscard]] std::int64_t requests() const { return requests_.load(); }

 private:
  friend class Claim;

  const std::filesystem::path socket_;
  const std::string log_stream_;
  Guarded<std::vector<Line>> idle_;
  std::atomic<std::int64_t> requests_ = 0;
};

/// One request's hold on an instance: as long as it lives the instance is not told to stop.
class Claim {
 public:
  Claim(std::shared_ptr<Server> server, std::string variant, std::int64_t instances)
      : server_(std::move(server)), variant_(std::move(variant)), instances_(instances) {
    ++server_->requests_;
  }
  ~Claim() {
    if (server_) --server_->requests_;
  }
  Claim(Claim&&) noexcept = default;
  Claim& operator=(Claim&&) = delete;
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  [[nodiscard]] Server& server() const { return *server_; }
  [[nodiscard]] const std::string& variant() const { return variant_; }
  /// That the variant has, healthy or not.
  [[nodiscard]] std::int64_t instances() const { return instances_; }

 private:
  std::shared_ptr<Server> server_;
  std::string variant_;
  std::int64_t instances_;
};

/// Where requests go: what every endpoint answers with, in memory. An invocation asks nothing else.
///
/// Shares come out right soon, not only in the long run: variants are drawn along the multiples of
/// the golden ratio, which spread evenly over [0, 1) however many have been drawn (H. Weyl, Über
/// die Gleichverteilung von Zahlen mod. Eins, 1916).
class Traffic {
 public:
  /// `data_dir` is where the instances' sockets are.
  explicit Traffic(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

  /// Where requests for an endpoint go from now on. To be called in the order of the endpoint's
  /// states, once each is durable (records::after_commit).
  void publish(const std::string& account, const std::string& name, const EndpointState& state);
  /// The endpoint is gone.
  void forget(const std::string& account, const std::string& name);

  /// The instances of a generation have no requests and get none any more.
  [[nodiscard]] bool is_idle(const std::string& account, const std::string& name,
                             std::int64_t generation) const;

  /// What became of the wish for an instance.
  struct Choice {
    enum class Outcome { Found, NoEndpoint, NotReady, NoVariant, NoInstance };
    Outcome outcome = Outcome::NoEndpoint;
    std::string endpoint{};  ///< its name as it was given when it was created; Found
    std::optional<Claim> claim{};
    std::vector<std::string> variants{};  ///< of the endpoint, with NoVariant
    std::string why{};  ///< NoInstance: what is wrong with one; NotReady: the endpoint's status
  };
  /// An instance of the variant, or of one drawn by weight where `variant` is empty, that is none
  /// of `tried`.
  Choice choose(const std::string& account, const std::string& name, const std::string& variant,
                const std::set<const Server*>& tried);

 private:
  struct Route {
    std::string variant;
    std::int64_t generation = 0;
    double weight = 0;
    std::int64_t instances = 0;
    bool least_outstanding = false;
    std::vector<std::shared_ptr<Server>> healthy;
    std::string why;       ///< none is
    std::size_t turn = 0;  ///< of the instances, which are asked one after the other
  };
  struct Live {
    std::string name;  ///< as given
    std::string status;
    bool ready = false;  ///< has been in service
    std::vector<Route> routes;
    /// Every instance that may still have requests, by generation and host.
    std::map<std::pair<std::int64_t, std::string>, std::shared_ptr<Server>> servers;
  };
  using Key = std::pair<std::string, std::string>;  ///< account, lower-case name

  double next_draw();
  Route* draw(const std::vector<Route*>& routes);

  const std::filesystem::path data_dir_;
  mutable std::mutex mutex_;
  std::map<Key, Live> live_;
  std::uint64_t draws_ = 0;
};

}  // namespace millrace::hosting
