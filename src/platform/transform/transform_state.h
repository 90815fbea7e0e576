#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/json/json_fwd.h"

namespace millrace::transform {

/// One instance of a transform job.
struct Host {
  std::string name;               ///< algo-1, ...
  std::string log_stream{};       ///< of the supervisor that now runs; empty before its ticket
  bool ticket_taken = false;      ///< by the supervisor that now runs
  bool resumed = false;           ///< an earlier one had a ticket
  std::int64_t objects_done = 0;  ///< the most that was reported
  std::int64_t lost = 0;  ///< supervisors in a row that ended without storing another output
  std::string result{};   ///< Completed, Failed or Stopped; empty until it has ended

  [[nodiscard]] bool ended() const { return !result.empty(); }

  friend bool operator==(const Host&, const Host&) = default;
};

/// Everything about a transform job that changes after it was accepted: what can happen to it, and
/// what becomes of it. What comes late or twice changes nothing.
///
/// Hosts work for themselves, each on its share of the objects, and one that fails does not keep
/// the others from their own. The job ends with the last: Failed with the reason of the first that
/// failed, else Completed; Stopped, whatever they came to, when it was asked to stop.
struct TransformState {
  /// Supervisors that a host may lose in a row without storing another output: what kills them
  /// would kill all that follow.
  static constexpr std::int64_t kMaxLosses = 5;

  std::string status = "InProgress";  ///< TransformJobStatus
  std::string failure_reason{};       ///< of the first host that failed
  Time modified{};
  std::optional<Time> started{};  ///< when the first supervisor had its ticket
  std::optional<Time> ended{};
  std::vector<Host> hosts{};
  /// What the job reads, for good (records/transform_inputs.h); empty until a supervisor has listed
  /// it.
  std::string listing{};
  std::string name_prefix{};  ///< of its keys, which names of outputs leave out

  friend bool operator==(const TransformState&, const TransformState&) = default;

  /// Of a job that has just been accepted.
  static TransformState accepted(std::int64_t hosts, Time at);

  [[nodiscard]] bool finished() const;
  [[nodiscard]] bool stopping() const;
  /// nullptr when there is no such host.
  [[nodiscard]] const Host* host(std::string_view name) const;
  /// Whether a supervisor of the host has something to do.
  [[nodiscard]] bool wants(std::string_view name) const;
  [[nodiscard]] bool wants_any() const;

  void ticket_taken(std::string_view name, const std::string& log_stream, Time at);
  void progressed(std::string_view name, std::int64_t objects_done, Time at);
  /// The last word of a host's supervisor.
  void host_ended(std::string_view name, const std::string& result, const std::string& reason,
                  Time at);
  /// StopTransformJob. Without instances the job ends here.
  void stop(bool has_instances, Time at);
  /// A supervisor is gone. `untouched`: it never ran.
  void supervisor_lost(std::string_view name, const std::string& reason, bool untouched, Time at);

 private:
  Host* find(std::string_view name);
  void end(Host& host, const std::string& result, const std::string& reason, Time at);
};

Json to_json(const TransformState& state);
/// Of what to_json wrote.
TransformState state_from_json(const Json& json);

}  // namespace millrace::transform
