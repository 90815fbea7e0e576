#include "platform/jobs/job_state.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "core/contract/host_names.h"
#include "generated/aws/sagemaker/types.h"

namespace millrace::jobs {
namespace {

using Status = wire::sagemaker::TrainingJobStatus;
using Secondary = wire::sagemaker::SecondaryStatus;

struct Phase {
  std::string_view name;
  const char* message;
};

// In the order in which a job goes through them.
constexpr std::array<Phase, 4> kPhases{{
    {Secondary::Starting, "Preparing the instances for training"},
    {Secondary::Downloading, "Downloading input data"},
    {Secondary::Training, "Training image download completed. Training in progress."},
    {Secondary::Uploading, "Uploading generated training model"},
}};

// wire::control::JobResult's, which supervisors report.
constexpr const char* kCompleted = "Completed";
constexpr const char* kFailed = "Failed";
constexpr const char* kStopped = "Stopped";
constexpr const char* kMaxRuntimeExceeded = "MaxRuntimeExceeded";

constexpr std::string_view kOurFault = "InternalServerError";
constexpr const char* kNoReason = "InternalServerError: the supervisor gave no reason";
constexpr std::size_t kMaxMetrics = 40;  // of FinalMetricDataList
/// What the other hosts get when one is lost.
constexpr std::int64_t kLossGraceSeconds = 120;

std::optional<std::size_t> rank(std::string_view phase) {
  for (std::size_t i = 0; i < kPhases.size(); ++i) {
    if (kPhases[i].name == phase) return i;
  }
  return std::nullopt;
}

void enter(JobState& state, const char* secondary, std::string message, Time at) {
  if (!state.transitions.empty()) state.transitions.back().end = at;
  state.secondary = secondary;
  state.transitions.push_back(
      {.status = secondary, .start = at, .end = std::nullopt, .message = std::move(message)});
  state.modified = at;
}

void end_pause(JobState& state, Time at) {
  if (!state.interrupted) return;
  state.paused += at - *state.interrupted;
  state.interrupted.reset();
}

void finish(JobState& state, const char* status, const char* secondary, const char* message,
            Time at) {
  enter(state, secondary, message, at);
  state.transitions.back().end = at;
  state.status = status;
  if (state.training_start) state.training_end = at;
  end_pause(state, at);
}

void exceed_wait(JobState& state, Time at) {
  finish(state, Status::Stopped, Secondary::MaxWaitTimeExceeded,
         "Training job exceeded MaxWaitTimeInSeconds provided", at);
}

/// `grace` in seconds where there are supervisors that have to be told.
void interrupt(JobState& state, std::optional<std::int64_t> grace, std::string message, Time at) {
  state.interrupt_grace = grace;
  state.outcome_known = true;
  if (state.training_start && !state.interrupted) state.interrupted = at;
  enter(state, Secondary::Interrupted, std::move(message), at);
}

void stop(JobState& state, Time at) {
  finish(state, Status::Stopped, Secondary::Stopped, "Training job stopped", at);
}

void fail(JobState& state, const std::string& reason, Time at, std::int64_t max_restarts) {
  state.outcome_known = true;
  if (reason.starts_with(kOurFault) && state.restarts < max_restarts && !state.stopping() &&
      !state.wait_exceeded) {
    ++state.restarts;
    enter(state, Secondary::Restarting,
          "Restarting the training job after: " + cut_failure_reason(reason), at);
    return;
  }
  state.failure_reason = cut_failure_reason(reason);
  finish(state, Status::Failed, Secondary::Failed, "Training job failed", at);
}

HostState* find_host(JobState& state, std::string_view name) {
  const auto found = std::find_if(state.hosts.begin(), state.hosts.end(),
                                  [&](const HostState& host) { return host.name == name; });
  return found == state.hosts.end() ? nullptr : &*found;
}

bool all_ended(const JobState& state) {
  return std::all_of(state.hosts.begin(), state.hosts.end(),
                     [](const HostState& host) { return host.ended(); });
}

/// Where the job is, given where its hosts are: see after().
std::size_t rank_of(const JobState& state) {
  std::size_t slowest = kPhases.size();
  for (const HostState& host : state.hosts) {
    const std::size_t at = host.ended() ? kPhases.size() - 1 : rank(host.phase).value_or(0);
    slowest = std::min(slowest, at);
  }
  constexpr std::size_t kDownloading = 1;
  const bool downloads =
      std::any_of(state.hosts.begin(), state.hosts.end(),
                  [](const HostState& host) { return host.phase == Secondary::Downloading; });
  return downloads ? std::max(slowest, kDownloading) : slowest;
}

/// The reason with the host's name behind its prefix: "AlgorithmError: algo-2: ...".
std::string with_host(const std::string& reason, const std::string& host) {
  const std::size_t prefix_end = reason.find(": ");
  if (prefix_end == std::string::npos) return host + ": " + reason;
  return reason.substr(0, prefix_end + 2) + host + reason.substr(prefix_end);
}

/// What every attempt begins with.
void forget_attempt(JobState& state) {
  for (HostState& host : state.hosts) {
    host.phase = Secondary::Starting;
    host.ticket_taken = false;
    host.result.clear();
    host.exit_message.clear();
  }
  state.uploader.clear();
  state.host_failure.clear();
}

/// The result of several hosts together: the first failure, else the strongest reason to end.
Ending joined_ending(const JobState& state) {
  if (!state.host_failure.empty()) return {.result = kFailed, .failure_reason = state.host_failure};
  for (const char* result : {kMaxRuntimeExceeded, kStopped}) {
    for (const HostState& host : state.hosts) {
      if (host.result == result) return {.result = result, .failure_reason = {}};
    }
  }
  return {.result = kCompleted, .failure_reason = {}};
}

struct Apply {
  JobState& state;
  Time at;
  const RestartRules& rules;

  void operator()(const StopAsked& event) const {
    if (state.stopping()) return;
    state.status = Status::Stopping;
    enter(state, Secondary::Stopping, "Stopping the training job", at);
    if (!event.has_instance) stop(state, at);
  }

  void operator()(const TicketTaken& event) const {
    HostState* host = find_host(state, event.host);
    if (host == nullptr || host->ticket_taken) return;
    const bool first = std::none_of(state.hosts.begin(), state.hosts.end(),
                                    [](const HostState& one) { return one.ticket_taken; });
    if (host->log_stream.empty()) host->log_stream = event.log_stream;
    // Of an attempt that was interrupted before it had begun.
    if (state.interrupt_grace) return;
    host->ticket_taken = true;
    state.between_attempts = false;
    if (first) state.outcome_known = false;
    if (!first || state.stopping()) return;
    const Phase& starting = kPhases.front();
    if (state.secondary != starting.name) enter(state, Secondary::Starting, starting.message, at);
    state.transitions.back().message = starting.message;
    state.modified = at;
  }

  void operator()(const PhaseReported& event) const {
    HostState* host = find_host(state, event.host);
    const std::optional<std::size_t> reported = rank(event.phase);
    if (host == nullptr || host->ended() || attempt_is_over() || !reported ||
        *reported < rank(host->phase).value_or(0))
      return;
    host->phase = event.phase;
    advance(event.message, *reported);
    // While it stops, a job is Stopping, whatever its supervisors are still doing.
    if (event.phase == Secondary::Training && !state.training_start && !state.stopping())
      state.training_start = at;
    if (event.phase == Secondary::Training) end_pause(state, at);
  }

  void operator()(const ProgramStarted& event) const {
    if (state.training_start || attempt_is_over()) return;
    state.training_start = std::min(event.at, at);
    state.modified = at;
  }

  void operator()(const MetricsReported& event) const {
    for (const LastMetric& metric : event.metrics) {
      const auto known =
          std::find_if(state.metrics.begin(), state.metrics.end(),
                       [&](const LastMetric& one) { return one.name == metric.name; });
      if (known != state.metrics.end()) {
        *known = metric;
      } else if (state.metrics.size() < kMaxMetrics) {
        state.metrics.push_back(metric);
      }
      state.modified = at;
    }
  }

  void operator()(const HostEnded& event) const {
    HostState* host = find_host(state, event.host);
    if (host == nullptr || host->ended() || attempt_is_over()) return;
    host->exit_message = event.exit_message;
    end_host(*host, {.result = event.result, .failure_reason = event.failure_reason});
    if (!all_ended(state)) return;
    // Where no program ran there is nothing to upload, and this was the last word.
    if (!state.training_start) return conclude(joined_ending(state));
    state.uploader = host->name;
    advance({}, kPhases.size() - 1);
  }

  void operator()(const OutcomeReported& event) const {
    if (state.outcome_known) return;
    if (!event.exit_message.empty()) state.hosts.front().exit_message = event.exit_message;
    conclude({.result = event.result, .failure_reason = event.failure_reason});
  }

  void operator()(const SupervisorLost& event) const {
    HostState* host = find_host(state, event.host);
    if (host == nullptr) return;
    if (state.interrupt_grace) {
      if (event.last) end_interrupted_attempt();
      return;
    }
    if (state.wait_exceeded && event.last && !state.stopping()) return exceed_wait(state, at);
    if (restarting(state)) {
      if (state.between_attempts && event.last) lose_before_ticket(event.reason);
      return;
    }
    if (goes_on_without(*host)) {
      ++state.losses;
      const std::string message = "Training job interrupted: " + event.reason;
      return interrupt(state,
                       event.last ? std::nullopt : std::optional<std::int64_t>(kLossGraceSeconds),
                       cut_failure_reason(message), at);
    }
    // A job to be stopped has what it wants, unless a program ran and its model was to be saved.
    const bool nothing_to_save = !state.training_start || state.outcome_known;
    if (state.stopping() && state.outcome_known) {
      stop(state, at);
      return;
    }
    const Ending lost =
        state.stopping() && nothing_to_save
            ? Ending{.result = kStopped, .failure_reason = {}}
            : Ending{.result = kFailed,
                     .failure_reason = std::string(kOurFault) + ": " + event.reason};
    if (!host->ended()) {
      end_host(*host, lost);
      if (all_ended(state)) conclude(without_upload());
    } else if (state.uploader == host->name) {
      conclude({.result = lost.result, .failure_reason = named(lost.failure_reason, *host)});
    }
  }

  void operator()(const InterruptAsked& event) const {
    if (!rules.spot || state.wants_stop() || restarting(state)) return;
    interrupt(state, event.grace_seconds, "Training job interrupted", at);
  }

  void operator()(const WaitExceeded& event) const {
    state.wait_exceeded = true;
    if (!event.has_instance) exceed_wait(state, at);
  }

 private:
  /// Nothing that its supervisors still report counts. They may be there for a while: a job that is
  /// stopped meanwhile is Stopping, and its attempt as interrupted as before.
  [[nodiscard]] bool attempt_is_over() const { return restarting(state) || state.interrupt_grace; }

  /// A spot job loses a host that still had something to do.
  [[nodiscard]] bool goes_on_without(const HostState& host) const {
    return rules.spot && state.losses < RestartRules::kMaxLosses && !state.wants_stop() &&
           (!host.ended() || state.uploader == host.name);
  }

  void lose_before_ticket(const std::string& reason) const {
    state.modified = at;
    if (rules.spot && state.losses < RestartRules::kMaxLosses) {
      ++state.losses;
    } else {
      fail(state, std::string(kOurFault) + ": " + reason, at, rules.max_restarts);
    }
  }

  void end_interrupted_attempt() const {
    state.interrupt_grace.reset();
    state.modified = at;
    if (state.stopping()) {
      stop(state, at);
    } else if (state.wait_exceeded) {
      exceed_wait(state, at);
    }
  }

  [[nodiscard]] std::string named(const std::string& reason, const HostState& host) const {
    return state.hosts.size() > 1 && !reason.empty() ? with_host(reason, host.name) : reason;
  }

  /// Takes the job along to where its hosts are; `message` is for the phase `reported`.
  void advance(const std::string& message, std::size_t reported) const {
    const std::optional<std::size_t> current = rank(state.secondary);
    const std::size_t next = rank_of(state);
    if (!current || next < *current) return;
    if (next > *current) {
      const Phase& phase = kPhases[next];
      const bool own = next == reported && !message.empty();
      enter(state, phase.name.data(), own ? message : phase.message, at);
    } else if (reported == next && !message.empty() &&
               state.transitions.back().message != message) {
      state.transitions.back().message = message;
      state.modified = at;
    }
  }

  void end_host(HostState& host, const Ending& ending) const {
    host.result = ending.result;
    if (ending.result == kFailed && state.host_failure.empty()) {
      state.host_failure = cut_failure_reason(
          named(ending.failure_reason.empty() ? kNoReason : ending.failure_reason, host));
    }
    state.modified = at;
  }

  /// When the last host is lost there is nobody to upload what the others left.
  [[nodiscard]] Ending without_upload() const {
    Ending ending = joined_ending(state);
    if (ending.result != kFailed && state.training_start) {
      ending = {
          .result = kFailed,
          .failure_reason = std::string(kOurFault) +
                            ": the last supervisor was lost before the results were uploaded"};
    }
    return ending;
  }

  void conclude(const Ending& ending) const {
    state.outcome_known = true;
    if (ending.result == kFailed) {
      fail(state, ending.failure_reason.empty() ? kNoReason : ending.failure_reason, at,
           rules.max_restarts);
    } else if (state.wait_exceeded && !state.stopping() && ending.result != kCompleted) {
      // Where both times are over the wait was first, as it began first.
      exceed_wait(state, at);
    } else if (ending.result == kMaxRuntimeExceeded) {
      finish(state, Status::Stopped, Secondary::MaxRuntimeExceeded,
             "Training job runtime exceeded MaxRuntimeInSeconds provided", at);
    } else if (ending.result == kStopped || state.stopping()) {
      // A program that ended by itself while it was being stopped was stopped, as far as its user
      // is concerned.
      stop(state, at);
    } else {
      finish(state, Status::Completed, Secondary::Completed, "Training job completed", at);
    }
  }
};

}  // namespace

bool JobState::finished() const {
  return status == Status::Completed || status == Status::Failed || status == Status::Stopped;
}
bool JobState::stopping() const {
  return status == Status::Stopping;
}

bool JobState::wants_stop() const {
  return stopping() || finished() || interrupt_grace || wait_exceeded || !host_failure.empty() ||
         std::any_of(hosts.begin(), hosts.end(),
                     [](const HostState& host) { return host.result == kMaxRuntimeExceeded; });
}
const HostState* JobState::host(std::string_view name) const {
  const auto found = std::find_if(hosts.begin(), hosts.end(),
                                  [&](const HostState& one) { return one.name == name; });
  return found == hosts.end() ? nullptr : &*found;
}

std::string JobState::exit_message() const {
  std::string all;
  for (const HostState& host : hosts) all += host.exit_message;
  return cut_failure_reason(all);
}

std::chrono::milliseconds JobState::trained(Time now) const {
  if (!training_start) return {};
  return training_end.value_or(interrupted.value_or(now)) - *training_start - paused;
}

bool restarting(const JobState& state) {
  return state.status == Status::InProgress &&
         (state.secondary == Secondary::Restarting || state.secondary == Secondary::Interrupted);
}

std::optional<Ending> ending_for(const JobState& state, std::string_view host) {
  if (state.uploader != host || state.outcome_known) return std::nullopt;
  return joined_ending(state);
}

JobState accepted(Time at, std::int64_t hosts) {
  JobState state;
  for (std::string& name : host_names(hosts))
    state.hosts.push_back({.name = std::move(name), .phase = Secondary::Starting});
  state.status = Status::InProgress;
  enter(state, Secondary::Starting, "Starting the training job", at);
  return state;
}

JobState after(JobState state, const JobEvent& event, Time at, const RestartRules& rules) {
  if (state.finished()) return state;
  std::visit(Apply{.state = state, .at = std::max(at, state.modified), .rules = rules}, event);
  if (!restarting(state)) return state;
  // The next supervisors begin with tickets of their own.
  forget_attempt(state);
  const auto* const lost = std::get_if<SupervisorLost>(&event);
  if (lost != nullptr && lost->last) state.between_attempts = true;
  return state;
}

}  // namespace millrace::jobs
