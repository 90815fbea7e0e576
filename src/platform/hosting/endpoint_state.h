#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/json/json_fwd.h"
#include "generated/aws/sagemaker/types.h"

namespace millrace::hosting {

/// How a model's server is, as its supervisor says.
namespace phase {
inline constexpr const char* kStarting = "Starting";    ///< it has not answered /ping yet
inline constexpr const char* kHealthy = "Healthy";      ///< it takes requests
inline constexpr const char* kUnhealthy = "Unhealthy";  ///< it died or stopped answering
inline constexpr const char* kEnded = "Ended";          ///< the supervisor has given up on it
}  // namespace phase

// As published, for what says nothing else.
inline constexpr std::chrono::seconds kDownloadTime{3600};
inline constexpr std::chrono::seconds kStartupTime{240};

/// One instance of a variant: a supervisor and the server it looks after.
struct Instance {
  std::string host;  ///< algo-1, ...
  std::string phase = phase::kStarting;
  std::string reason{};       ///< of a phase that is not Healthy
  std::int64_t restarts = 0;  ///< of the server, by the supervisor that now runs
  std::int64_t lost = 0;      ///< supervisors in a row that ended before the server was healthy
  bool abandoned = false;     ///< too many were lost: it is not started again
  std::string log_stream{};   ///< once a supervisor has asked for its ticket
  Time since{};               ///< when it entered the phase

  friend bool operator==(const Instance&, const Instance&) = default;
};

/// A variant as it was deployed, with copies of everything that may be deleted meanwhile.
struct Variant {
  wire::sagemaker::ProductionVariant config;  ///< instance count and weight as configured
  wire::sagemaker::CreateModelInput model;
  std::string image;            ///< of the model's container
  std::int64_t generation = 0;  ///< unique in its endpoint
  double weight = 1;            ///< as it is now
  std::vector<Instance> instances{};
  std::string user{};  ///< whose policies bind its keys: who deployed it; empty: none do

  [[nodiscard]] const std::string& name() const { return config.variant_name; }
  [[nodiscard]] std::int64_t healthy() const;
  /// What its instances may take, as configured or else as published.
  [[nodiscard]] std::chrono::seconds download_time() const;
  [[nodiscard]] std::chrono::seconds startup_time() const;

  friend bool operator==(const Variant&, const Variant&) = default;
};

struct Deployment {
  std::string config_name;
  bool network_isolation = false;  ///< of the configuration; a model may ask for it too
  Time started{};
  std::optional<wire::sagemaker::DeploymentConfig> how{};
  std::vector<Variant> variants{};

  friend bool operator==(const Deployment&, const Deployment&) = default;
};

/// Instances that have no part in the endpoint any more and are ending.
struct Leaving {
  std::string variant;
  std::int64_t generation = 0;
  Time keep_until{};         ///< they are not told to stop before
  bool rolled_back = false;  ///< of an update that failed

  friend bool operator==(const Leaving&, const Leaving&) = default;
};

/// An endpoint's life. `current` answers requests; `pending` is started beside it and takes its
/// place when every instance is healthy, or leaves when one cannot become so. What has been
/// replaced ends after that.
struct EndpointState {
  std::string status = "Creating";
  std::string failure_reason{};  ///< of the last deployment, where that failed
  std::string config_name{};     ///< of what answers, or else of what was last tried
  Time modified{};
  std::int64_t next_generation = 1;
  bool deleting = false;
  std::optional<Deployment> current{};
  std::optional<Deployment> pending{};
  std::vector<Leaving> leaving{};
  std::optional<wire::sagemaker::DeploymentConfig> last_how{};

  friend bool operator==(const EndpointState&, const EndpointState&) = default;

  /// The variant of that generation that takes part; nullptr when there is none (any more).
  [[nodiscard]] const Variant* variant(std::int64_t generation) const;
  [[nodiscard]] const Leaving* leaving_of(std::int64_t generation) const;
  /// Why the endpoint is as it is: out of service, or without the last deployment. Empty: all is
  /// well.
  [[nodiscard]] std::string reason() const;
  /// An update or the creation is under way, or the endpoint is going.
  [[nodiscard]] bool busy() const;

  /// Gives generations and instances to the variants of `next` that have none, and begins to
  /// replace `current` by it.
  void deploy(Deployment next, Time at);
  /// A supervisor has asked for its orders and writes to that log stream.
  void ticket_taken(std::int64_t generation, const std::string& host, const std::string& log_stream,
                    Time at);
  /// A supervisor's report. The last healthy instance of a deployment makes it current.
  void report(std::int64_t generation, const Instance& seen, Time at);
  /// A supervisor is gone, and is to be replaced unless too many were lost or the instance is
  /// leaving; false: it is not. `untouched`: it never ran.
  bool supervisor_lost(std::int64_t generation, const std::string& host, const std::string& reason,
                       bool untouched, Time at);
  /// The last supervisor of a generation that leaves is gone.
  void left(std::int64_t generation, Time at);
  /// The update, or the creation, is given up.
  void fail_pending(const std::string& reason, Time at);
  void set_weight(std::int64_t generation, double weight, Time at);
  void remove(Time at);
  /// A deployment that takes longer than it may is given up.
  void check_time(Time at);

 private:
  [[nodiscard]] bool is_pending(std::int64_t generation) const;
  template <class Use>
  void for_each_copy(std::int64_t generation, Use&& use);
  template <class Use>
  void for_each_instance(std::int64_t generation, const std::string& host, Use&& use);
  void promote(Time at);
  void leave(const Variant& variant, Time keep_until, bool rolled_back);
  void settle(Time at);
};

Json to_json(const EndpointState& state);
EndpointState endpoint_state_from_json(const Json& json);

}  // namespace millrace::hosting
