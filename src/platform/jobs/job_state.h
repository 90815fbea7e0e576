#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.h"
#include "core/json/json.h"

namespace millrace::jobs {

/// One visit of a secondary status.
struct Transition {
  std::string status;
  Time start{};
  std::optional<Time> end;  ///< absent on the current one
  std::string message;      ///< never empty: SDKs read it without asking

  friend bool operator==(const Transition&, const Transition&) = default;
};

struct LastMetric {
  std::string name;
  double value = 0;
  Time at{};

  friend bool operator==(const LastMetric&, const LastMetric&) = default;
};

/// How the program of a host, or the job as a whole, came to its end.
struct Ending {
  std::string result;          ///< Completed, Failed, Stopped or MaxRuntimeExceeded
  std::string failure_reason;  ///< with its prefix; only when Failed

  friend bool operator==(const Ending&, const Ending&) = default;
};

/// One host of a job.
struct HostState {
  std::string name;        ///< algo-1
  std::string log_stream;  ///< chosen with its first ticket
  std::string phase;       ///< of the current attempt: Starting, Downloading, Training or Uploading
  bool ticket_taken = false;  ///< by the current supervisor
  std::string result;         ///< of the current attempt; empty until it has ended
  std::string exit_message;   ///< of the current attempt: what its program left to be shown

  [[nodiscard]] bool ended() const { return !result.empty(); }

  friend bool operator==(const HostState&, const HostState&) = default;
};

/// Everything about a job that changes after it was accepted, in the words of training jobs: those
/// of other kinds go through the same phases and show less of them.
struct JobState {
  std::string status;     ///< TrainingJobStatus
  std::string secondary;  ///< SecondaryStatus
  std::vector<Transition> transitions;
  std::string failure_reason;  ///< empty unless Failed
  Time modified{};
  std::optional<Time>
      training_start;  ///< when the program first ran; never for a job that did not get that far
  std::optional<Time> training_end;
  std::vector<LastMetric> metrics;  ///< the last value of each name, in order of first appearance
  std::vector<HostState> hosts;     ///< by number
  std::string uploader;      ///< the last of several hosts to end, which uploads what all left
  std::string host_failure;  ///< of the first host that failed in this attempt; empty: none
  std::int64_t restarts = 0;
  /// The last supervisor of an attempt is gone, and none of the next has its ticket.
  bool between_attempts = false;
  bool outcome_known = false;  ///< how the current attempt ended has been reported
  /// Seconds; set from an interruption until the last supervisor of the interrupted attempt is
  /// gone.
  std::optional<std::int64_t> interrupt_grace;
  std::int64_t losses = 0;             ///< interruptions that nobody asked for
  std::optional<Time> interrupted;     ///< after training_start, until a program runs again
  std::chrono::milliseconds paused{};  ///< between earlier interruptions and the next program
  bool wait_exceeded = false;

  [[nodiscard]] bool finished() const;
  [[nodiscard]] bool stopping() const;
  /// The hosts have nothing more to do: the job is being stopped or interrupted, is over, or one of
  /// them has failed or used up the job's time.
  [[nodiscard]] bool wants_stop() const;
  /// nullptr when there is no such host.
  [[nodiscard]] const HostState* host(std::string_view name) const;
  /// What the programs of all hosts left to be shown, one after the other, cut to 1024 bytes.
  [[nodiscard]] std::string exit_message() const;
  /// How long the job has trained, from its first program on and without the times between an
  /// interruption and the next program; 0 before.
  [[nodiscard]] std::chrono::milliseconds trained(Time now) const;

  friend bool operator==(const JobState&, const JobState&) = default;
};

Json to_json(const JobState& state);
/// Of what to_json wrote.
JobState state_from_json(const Json& json);

// What can happen to a job.

/// StopTrainingJob. `has_instance`: a supervisor exists or is about to, and will be told; otherwise
/// the job ends here.
struct StopAsked {
  bool has_instance = false;
};
/// The supervisor of a host fetched its ticket.
struct TicketTaken {
  std::string host = "algo-1";
  std::string log_stream;
};
/// A supervisor's report of where it is: "Starting", "Downloading", "Training" or "Uploading".
struct PhaseReported {
  std::string host = "algo-1";
  std::string phase;
  std::string message;  ///< empty: the usual one
};
struct ProgramStarted {
  Time at{};
};
struct MetricsReported {
  std::vector<LastMetric> metrics;
};
/// One of several hosts is done with its program, and nothing is uploaded yet.
struct HostEnded {
  std::string host = "algo-1";
  std::string result;
  std::string failure_reason;
  std::string exit_message;
};
/// The last word about a job, after the uploads: of its only supervisor, or of the last host's.
struct OutcomeReported {
  std::string result;
  std::string failure_reason;
  std::string exit_message;  ///< of a job's only host
};
/// A supervisor is gone without a last word.
struct SupervisorLost {
  std::string host = "algo-1";
  std::string reason;
  bool last = true;  ///< no other supervisor of the job is left
};
/// The operator takes the job's instances away.
struct InterruptAsked {
  std::int64_t grace_seconds = 0;
};
/// MaxWaitTimeInSeconds is over. `has_instance` as in StopAsked.
struct WaitExceeded {
  bool has_instance = false;
};

using JobEvent =
    std::variant<StopAsked, TicketTaken, PhaseReported, ProgramStarted, MetricsReported, HostEnded,
                 OutcomeReported, SupervisorLost, InterruptAsked, WaitExceeded>;

/// What a job may do instead of ending.
struct RestartRules {
  std::int64_t max_restarts = 0;  ///< of RetryStrategy
  bool spot = false;              ///< EnableManagedSpotTraining

  /// Of a spot job. So many supervisors are not lost to machines that go away: what is wrong is
  /// here, and would not get better.
  static constexpr std::int64_t kMaxLosses = 20;
};

/// The state of a job that has just been accepted, with so many hosts.
JobState accepted(Time at, std::int64_t hosts = 1);

/// The state machine of a job: what `event` makes of `state`. A pure function; a finished
/// job stays as it is, and what comes late or twice changes nothing.
///
/// A job of several hosts is Downloading from the first host on that is, and Training or Uploading
/// when the last host has come so far. The first host that fails ends the job: the others are told
/// to stop (wants_stop()), and whoever ends last uploads and reports the outcome.
///
/// A failure that is ours (FailureReason "InternalServerError: ...") is not the end while
/// `max_restarts` are not used up: the secondary status becomes Restarting, and the job waits for
/// another supervisor.
///
/// Each supervisor that is lost before it has its ticket counts as another loss or failure: what
/// keeps it from starting would keep all that follow.
///
/// A spot job whose instances are taken away or lost is Interrupted, whatever its supervisors still
/// report, and goes on in the same way once the last of them is gone.
JobState after(JobState state, const JobEvent& event, Time at, const RestartRules& rules);

/// True when the current attempt is over and the job goes on with other supervisors.
bool restarting(const JobState& state);

/// How a job of several hosts has ended, once all of them have; what `host` is to upload and
/// report. nullopt for every host but the last to end.
std::optional<Ending> ending_for(const JobState& state, std::string_view host);

}  // namespace millrace::jobs
