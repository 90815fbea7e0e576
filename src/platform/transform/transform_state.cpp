#include "platform/transform/transform_state.h"

#include <algorithm>

#include "core/contract/failure_reason.h"
#include "core/contract/host_names.h"
#include "core/json/json.h"
#include "generated/aws/sagemaker/types.h"

namespace millrace::transform {
namespace {

using Status = wire::sagemaker::TransformJobStatus;

constexpr const char* kNoReason = "InternalServerError: the supervisor gave no reason";

Json time_json(const std::optional<Time>& time) {
  return time ? Json(to_millis(*time)) : Json(nullptr);
}

std::optional<Time> time_from(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(from_millis(json.get<std::int64_t>()));
}

}  // namespace

TransformState TransformState::accepted(std::int64_t hosts, Time at) {
  TransformState state{.modified = at};
  for (std::string& name : host_names(hosts)) state.hosts.push_back({.name = std::move(name)});
  return state;
}

bool TransformState::finished() const {
  return status == Status::Completed || status == Status::Failed || status == Status::Stopped;
}

bool TransformState::stopping() const {
  return status == Status::Stopping;
}

const Host* TransformState::host(std::string_view name) const {
  const auto found =
      std::find_if(hosts.begin(), hosts.end(), [&](const Host& one) { return one.name == name; });
  return found == hosts.end() ? nullptr : &*found;
}

Host* TransformState::find(std::string_view name) {
  return const_cast<Host*>(host(name));
}

bool TransformState::wants(std::string_view name) const {
  const Host* one = host(name);
  return status == Status::InProgress && one != nullptr && !one->ended();
}

bool TransformState::wants_any() const {
  return std::any_of(hosts.begin(), hosts.end(), [&](const Host& one) { return wants(one.name); });
}

void TransformState::ticket_taken(std::string_view name, const std::string& log_stream, Time at) {
  Host* host = find(name);
  if (host == nullptr || host->ticket_taken || finished()) return;
  host->ticket_taken = true;
  host->log_stream = log_stream;
  if (!started) started = at;
  modified = at;
}

void TransformState::progressed(std::string_view name, std::int64_t objects_done, Time at) {
  Host* host = find(name);
  if (host == nullptr || finished() || objects_done <= host->objects_done) return;
  host->objects_done = objects_done;
  host->lost = 0;
  modified = at;
}

void TransformState::host_ended(std::string_view name, const std::string& result,
                                const std::string& reason, Time at) {
  Host* host = find(name);
  if (host == nullptr || finished() || host->ended()) return;
  end(*host, result, reason, at);
}

void TransformState::stop(bool has_instances, Time at) {
  if (finished() || stopping()) return;
  status = Status::Stopping;
  modified = at;
  if (has_instances) return;
  for (Host& host : hosts) {
    if (!host.ended()) end(host, Status::Stopped, {}, at);
  }
}

void TransformState::supervisor_lost(std::string_view name, const std::string& reason,
                                     bool untouched, Time at) {
  Host* host = find(name);
  if (host == nullptr || finished() || host->ended()) return;
  if (stopping()) return end(*host, Status::Stopped, {}, at);
  host->resumed = host->resumed || host->ticket_taken;
  host->ticket_taken = false;
  modified = at;
  if (untouched) return;
  if (++host->lost > kMaxLosses) end(*host, Status::Failed, "InternalServerError: " + reason, at);
}

void TransformState::end(Host& host, const std::string& result, const std::string& reason,
                         Time at) {
  host.result = result;
  modified = at;
  if (result == Status::Failed && failure_reason.empty())
    failure_reason = cut_failure_reason(reason.empty() ? kNoReason : reason);
  if (std::any_of(hosts.begin(), hosts.end(), [](const Host& one) { return !one.ended(); })) return;
  ended = at;
  if (stopping()) {
    status = Status::Stopped;
    failure_reason.clear();
    return;
  }
  const auto came_to = [&](const char* what) {
    return std::any_of(hosts.begin(), hosts.end(),
                       [&](const Host& one) { return one.result == what; });
  };
  if (came_to(Status::Failed)) {
    status = Status::Failed;
  } else {
    status = came_to(Status::Stopped) ? Status::Stopped : Status::Completed;
  }
}

Json to_json(const TransformState& state) {
  Json hosts = Json::array();
  for (const Host& host : state.hosts) {
    hosts.push_back({{"name", host.name},
                     {"log_stream", host.log_stream},
                     {"ticket_taken", host.ticket_taken},
                     {"resumed", host.resumed},
                     {"objects_done", host.objects_done},
                     {"lost", host.lost},
                     {"result", host.result}});
  }
  return {{"status", state.status},
          {"failure_reason", state.failure_reason},
          {"modified", to_millis(state.modified)},
          {"started", time_json(state.started)},
          {"ended", time_json(state.ended)},
          {"hosts", std::move(hosts)},
          {"listing", state.listing},
          {"name_prefix", state.name_prefix}};
}

TransformState state_from_json(const Json& json) {
  TransformState state{.status = json.at("status").get<std::string>(),
                       .failure_reason = json.at("failure_reason").get<std::string>(),
                       .modified = from_millis(json.at("modified").get<std::int64_t>()),
                       .started = time_from(json.at("started")),
                       .ended = time_from(json.at("ended")),
                       // Missing in what an older daemon wrote.
                       .listing = json.value("listing", ""),
                       .name_prefix = json.value("name_prefix", "")};
  for (const Json& host : json.at("hosts")) {
    state.hosts.push_back({.name = host.at("name").get<std::string>(),
                           .log_stream = host.at("log_stream").get<std::string>(),
                           .ticket_taken = host.at("ticket_taken").get<bool>(),
                           .resumed = host.at("resumed").get<bool>(),
                           .objects_done = host.at("objects_done").get<std::int64_t>(),
                           .lost = host.at("lost").get<std::int64_t>(),
                           .result = host.at("result").get<std::string>()});
  }
  return state;
}

}  // namespace millrace::transform
