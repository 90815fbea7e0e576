#pragma once

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

/// Everything about a training job that changes after it was accepted.
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
  std::string log_stream;           ///< chosen with the first ticket
  std::int64_t restarts = 0;
  bool ticket_taken = false;   ///< by the current supervisor
  bool outcome_known = false;  ///< the current supervisor has reported how the program ended

  [[nodiscard]] bool finished() const;
  [[nodiscard]] bool stopping() const;

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
/// A supervisor fetched its ticket.
struct TicketTaken {
  std::string log_stream;
};
/// The supervisor's report of where it is: "Starting", "Downloading", "Training" or "Uploading".
struct PhaseReported {
  std::string phase;
  std::string message;  ///< empty: the usual one
};
struct ProgramStarted {
  Time at{};
};
struct MetricsReported {
  std::vector<LastMetric> metrics;
};
/// The supervisor's last word: "Completed", "Failed", "Stopped" or "MaxRuntimeExceeded".
struct OutcomeReported {
  std::string result;
  std::string failure_reason;  ///< with its prefix; only when Failed
};
/// The supervisor is gone without a last word.
struct SupervisorLost {
  std::string reason;
};

using JobEvent = std::variant<StopAsked, TicketTaken, PhaseReported, ProgramStarted,
                              MetricsReported, OutcomeReported, SupervisorLost>;

/// The state of a job that has just been accepted.
JobState accepted(Time at);

/// The state machine of a training job: what `event` makes of `state`. A pure function; a finished
/// job stays as it is, and what comes late or twice changes nothing.
///
/// A failure that is ours (FailureReason "InternalServerError: ...") is not the end while
/// `max_restarts` are not used up: the secondary status becomes Restarting, and the job waits for
/// another supervisor.
JobState after(JobState state, const JobEvent& event, Time at, std::int64_t max_restarts);

/// True when the job goes on with another supervisor.
bool restarting(const JobState& state);

}  // namespace millrace::jobs
