#include "platform/jobs/job_state.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/contract/failure_reason.h"
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

constexpr std::string_view kOurFault = "InternalServerError";
constexpr std::size_t kMaxMetrics = 40;  // of FinalMetricDataList

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

void finish(JobState& state, const char* status, const char* secondary, const char* message,
            Time at) {
  enter(state, secondary, message, at);
  state.transitions.back().end = at;
  state.status = status;
  if (state.training_start) state.training_end = at;
}

void stop(JobState& state, Time at) {
  finish(state, Status::Stopped, Secondary::Stopped, "Training job stopped", at);
}

void fail(JobState& state, const std::string& reason, Time at, std::int64_t max_restarts) {
  state.outcome_known = true;
  if (reason.starts_with(kOurFault) && state.restarts < max_restarts && !state.stopping()) {
    ++state.restarts;
    enter(state, Secondary::Restarting,
          "Restarting the training job after: " + cut_failure_reason(reason), at);
    return;
  }
  state.failure_reason = cut_failure_reason(reason);
  finish(state, Status::Failed, Secondary::Failed, "Training job failed", at);
}

struct Apply {
  JobState& state;
  Time at;
  std::int64_t max_restarts;

  void operator()(const StopAsked& event) const {
    if (state.stopping()) return;
    state.status = Status::Stopping;
    enter(state, Secondary::Stopping, "Stopping the training job", at);
    if (!event.has_instance) stop(state, at);
  }

  void operator()(const TicketTaken& event) const {
    if (state.ticket_taken) return;
    state.ticket_taken = true;
    state.outcome_known = false;
    if (state.log_stream.empty()) state.log_stream = event.log_stream;
    if (state.stopping()) return;
    const Phase& starting = kPhases.front();
    if (state.secondary != starting.name) enter(state, Secondary::Starting, starting.message, at);
    state.transitions.back().message = starting.message;
    state.modified = at;
  }

  void operator()(const PhaseReported& event) const {
    const std::optional<std::size_t> reported = rank(event.phase);
    const std::optional<std::size_t> current = rank(state.secondary);
    // While it stops, a job is Stopping, whatever its supervisor is still doing.
    if (!reported || !current || *reported < *current) return;
    if (*reported > *current) {
      const Phase& phase = kPhases[*reported];
      enter(state, phase.name.data(), event.message.empty() ? phase.message : event.message, at);
    } else if (!event.message.empty() && state.transitions.back().message != event.message) {
      state.transitions.back().message = event.message;
      state.modified = at;
    }
    if (event.phase == Secondary::Training && !state.training_start) state.training_start = at;
  }

  void operator()(const ProgramStarted& event) const {
    if (state.training_start) return;
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

  void operator()(const OutcomeReported& event) const {
    if (state.outcome_known) return;
    state.outcome_known = true;
    if (event.result == "Failed") {
      fail(state,
           event.failure_reason.empty() ? "InternalServerError: the supervisor gave no reason"
                                        : event.failure_reason,
           at, max_restarts);
    } else if (event.result == "MaxRuntimeExceeded") {
      finish(state, Status::Stopped, Secondary::MaxRuntimeExceeded,
             "Training job runtime exceeded MaxRuntimeInSeconds provided", at);
    } else if (event.result == "Stopped" || state.stopping()) {
      // A program that ended by itself while it was being stopped was stopped, as far as its user
      // is concerned.
      stop(state, at);
    } else {
      finish(state, Status::Completed, Secondary::Completed, "Training job completed", at);
    }
  }

  void operator()(const SupervisorLost& event) const {
    // A job to be stopped has what it wants, unless the program ran and its model was to be saved.
    if (state.stopping() && (!state.training_start || state.outcome_known)) {
      stop(state, at);
      return;
    }
    if (!restarting(state))
      fail(state, std::string(kOurFault) + ": " + event.reason, at, max_restarts);
  }
};

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_millis(*time)) : Json(nullptr);
}

std::optional<Time> read_time(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return from_millis(json.get<std::int64_t>());
}

}  // namespace

bool JobState::finished() const {
  return status == Status::Completed || status == Status::Failed || status == Status::Stopped;
}
bool JobState::stopping() const {
  return status == Status::Stopping;
}

bool restarting(const JobState& state) {
  return state.status == Status::InProgress && state.secondary == Secondary::Restarting;
}

JobState accepted(Time at) {
  JobState state;
  state.status = Status::InProgress;
  enter(state, Secondary::Starting, "Starting the training job", at);
  return state;
}

JobState after(JobState state, const JobEvent& event, Time at, std::int64_t max_restarts) {
  if (state.finished()) return state;
  std::visit(
      Apply{.state = state, .at = std::max(at, state.modified), .max_restarts = max_restarts},
      event);
  // The next supervisor begins with a ticket of its own.
  if (restarting(state)) state.ticket_taken = false;
  return state;
}

Json to_json(const JobState& state) {
  Json json = Json::object();
  json["Status"] = state.status;
  json["Secondary"] = state.secondary;
  json["Transitions"] = Json::array();
  for (const Transition& transition : state.transitions) {
    json["Transitions"].push_back({{"Status", transition.status},
                                   {"Start", to_millis(transition.start)},
                                   {"End", optional_time(transition.end)},
                                   {"Message", transition.message}});
  }
  json["FailureReason"] = state.failure_reason;
  json["Modified"] = to_millis(state.modified);
  json["TrainingStart"] = optional_time(state.training_start);
  json["TrainingEnd"] = optional_time(state.training_end);
  json["Metrics"] = Json::array();
  for (const LastMetric& metric : state.metrics) {
    json["Metrics"].push_back(
        {{"Name", metric.name}, {"Value", metric.value}, {"At", to_millis(metric.at)}});
  }
  json["LogStream"] = state.log_stream;
  json["Restarts"] = state.restarts;
  json["TicketTaken"] = state.ticket_taken;
  json["OutcomeKnown"] = state.outcome_known;
  return json;
}

JobState state_from_json(const Json& json) {
  JobState state;
  state.status = json.at("Status");
  state.secondary = json.at("Secondary");
  for (const Json& transition : json.at("Transitions")) {
    state.transitions.push_back({.status = transition.at("Status"),
                                 .start = from_millis(transition.at("Start").get<std::int64_t>()),
                                 .end = read_time(transition.at("End")),
                                 .message = transition.at("Message")});
  }
  state.failure_reason = json.at("FailureReason");
  state.modified = from_millis(json.at("Modified").get<std::int64_t>());
  state.training_start = read_time(json.at("TrainingStart"));
  state.training_end = read_time(json.at("TrainingEnd"));
  for (const Json& metric : json.at("Metrics")) {
    state.metrics.push_back({.name = metric.at("Name"),
                             .value = metric.at("Value").get<double>(),
                             .at = from_millis(metric.at("At").get<std::int64_t>())});
  }
  state.log_stream = json.at("LogStream");
  state.restarts = json.at("Restarts").get<std::int64_t>();
  state.ticket_taken = json.at("TicketTaken").get<bool>();
  state.outcome_known = json.at("OutcomeKnown").get<bool>();
  return state;
}

}  // namespace millrace::jobs
