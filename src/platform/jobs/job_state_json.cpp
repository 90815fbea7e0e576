#include "core/contract/host_names.h"
#include "platform/jobs/job_state.h"

namespace millrace::jobs {
namespace {

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_millis(*time)) : Json(nullptr);
}

std::optional<Time> read_time(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return from_millis(json.get<std::int64_t>());
}

}  // namespace

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
  json["Hosts"] = Json::array();
  for (const HostState& host : state.hosts) {
    json["Hosts"].push_back({{"Name", host.name},
                             {"LogStream", host.log_stream},
                             {"Phase", host.phase},
                             {"TicketTaken", host.ticket_taken},
                             {"Result", host.result},
                             {"ExitMessage", host.exit_message}});
  }
  json["Uploader"] = state.uploader;
  json["HostFailure"] = state.host_failure;
  json["Restarts"] = state.restarts;
  json["BetweenAttempts"] = state.between_attempts;
  json["OutcomeKnown"] = state.outcome_known;
  json["InterruptGrace"] = state.interrupt_grace ? Json(*state.interrupt_grace) : Json(nullptr);
  json["Losses"] = state.losses;
  json["Interrupted"] = optional_time(state.interrupted);
  json["Paused"] = state.paused.count();
  json["WaitExceeded"] = state.wait_exceeded;
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
  state.restarts = json.at("Restarts").get<std::int64_t>();
  state.between_attempts = json.value("BetweenAttempts", false);
  state.outcome_known = json.at("OutcomeKnown").get<bool>();
  if (!json.contains("Hosts")) {
    // Written before jobs had several hosts.
    state.hosts.push_back({.name = host_name(1),
                           .log_stream = json.at("LogStream"),
                           .phase = state.secondary,
                           .ticket_taken = json.at("TicketTaken").get<bool>(),
                           .result = {}});
    return state;
  }
  for (const Json& host : json.at("Hosts")) {
    state.hosts.push_back({.name = host.at("Name"),
                           .log_stream = host.at("LogStream"),
                           .phase = host.at("Phase"),
                           .ticket_taken = host.at("TicketTaken").get<bool>(),
                           .result = host.at("Result"),
                           .exit_message = host.value("ExitMessage", std::string())});
  }
  state.uploader = json.at("Uploader");
  state.host_failure = json.at("HostFailure");
  // Written before instances could be taken away.
  if (!json.contains("Losses")) return state;
  if (const Json& grace = json.at("InterruptGrace"); !grace.is_null())
    state.interrupt_grace = grace.get<std::int64_t>();
  state.losses = json.at("Losses").get<std::int64_t>();
  state.interrupted = read_time(json.at("Interrupted"));
  state.paused = std::chrono::milliseconds(json.at("Paused").get<std::int64_t>());
  state.wait_exceeded = json.at("WaitExceeded").get<bool>();
  return state;
}

}  // namespace millrace::jobs
