#include "platform/jobs/supervision.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/error.h"
#include "core/contract/host_names.h"
#include "core/contract/workload.h"
#include "platform/aws/access.h"
#include "platform/identity/keyring.h"
#include "platform/jobs/channel_use.h"
#include "platform/jobs/refuse.h"
#include "platform/jobs/residency.h"
#include "platform/logs/logs.h"
#include "platform/metrics/reported_points.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
using records::Connection;

/// What JobTable::update() writes.
records::JobRow state_row(const SupervisedJob& job) {
  return {.summary = {.account = job.account,
                      .name = job.name,
                      .region = {},
                      .status = job.state.status,
                      .modified_at = job.state.modified,
                      .ended_at = job.state.training_end},
          .request = {},
          .state = to_text(to_json(job.state))};
}

std::vector<JobEvent> events_of(const control::ReportJobRequest& request) {
  std::vector<JobEvent> events;
  if (request.phase)
    events.push_back(PhaseReported{.host = request.host,
                                   .phase = *request.phase,
                                   .message = request.status_message.value_or("")});
  if (request.program_started) events.push_back(ProgramStarted{.at = *request.program_started});
  if (request.metrics) {
    MetricsReported reported;
    for (const control::MetricPoint& point : *request.metrics) {
      if (std::isfinite(point.value) && !point.of_instance.value_or(false)) {
        reported.metrics.push_back(
            {.name = point.metric_name, .value = point.value, .at = point.timestamp});
      }
    }
    if (!reported.metrics.empty()) events.push_back(std::move(reported));
  }
  if (request.host_ended) {
    events.push_back(HostEnded{.host = request.host,
                               .result = request.host_ended->result,
                               .failure_reason = request.host_ended->failure_reason.value_or(""),
                               .exit_message = request.host_ended->exit_message.value_or("")});
  }
  if (request.outcome) {
    events.push_back(OutcomeReported{.result = request.outcome->result,
                                     .failure_reason = request.outcome->failure_reason.value_or(""),
                                     .exit_message = request.outcome->exit_message.value_or("")});
  }
  return events;
}

}  // namespace

std::int64_t seconds_left(const SupervisedJob& job, Time now) {
  std::int64_t left = job.max_runtime_seconds;
  left -= std::chrono::floor<std::chrono::seconds>(job.state.trained(now)).count();
  return std::max<std::int64_t>(1, left);
}

void Supervision::set_endpoint(const std::string& endpoint) {
  endpoint_.with([&](auto& known) { known = endpoint; });
}

fleet::Fleet::Handlers Supervision::handlers() {
  return {.on_end =
              [this](Connection& transaction, const fleet::SupervisorEnd& end) {
                return supervisor_ended(transaction, end);
              },
          .on_expiry = [this](Connection& transaction,
                              const fleet::Expiry& expiry) { wait_exceeded(transaction, expiry); }};
}

void refuse_unknown_job() {
  refuse("Requested resource not found.");
}

void Supervision::advance(Connection& transaction, SupervisedJob& job,
                          const std::vector<JobEvent>& events, Time at) const {
  JobState next = job.state;
  for (const JobEvent& event : events) next = after(std::move(next), event, at, job.rules);
  if (next == job.state) return;
  job.state = std::move(next);
  records::JobTable(transaction, kind_.table).update(state_row(job));
}

SupervisedJob Supervision::look(Connection& connection, const std::string& account,
                                const std::string& workload) const {
  std::optional<SupervisedJob> job = jobs_.find(connection, account, workload);
  if (!job) refuse_unknown_job();
  return *std::move(job);
}

void Supervision::refuse_ending(const SupervisedJob& job) const {
  refuse("The request was rejected because the " + std::string(kind_.noun) + " is in status " +
         job.state.status + ".");
}

void Supervision::set_deadline(Connection& transaction, const SupervisedJob& job, Time at,
                               std::int64_t grace_seconds) {
  fleet::Fleet::set_deadline(transaction, job.account, job.workload,
                             at + std::chrono::seconds(grace_seconds) + kUploadAllowance);
}

/// When the supervisors of a job must have ended: after what is left of its time once a program has
/// started, each attempt and each host anew, and soon once a host has failed. False when nothing of
/// that has just happened.
bool Supervision::update_deadline(Connection& transaction, const SupervisedJob& job,
                                  bool wanted_stop, bool program_started, Time at) const {
  const bool stops = job.state.wants_stop() && !wanted_stop && !job.state.finished();
  const bool begins = program_started && job.state.training_start && !job.state.wants_stop();
  if (!stops && !begins) return false;
  const Time program_end = stops ? at : at + std::chrono::seconds(seconds_left(job, at));
  set_deadline(transaction, job, program_end, kGracePeriodSeconds);
  return true;
}

void Supervision::stop(const std::string& account, const std::string& workload) {
  database_.write([&](Connection& transaction) {
    SupervisedJob job = look(transaction, account, workload);
    if (job.state.finished()) refuse_ending(job);
    if (job.state.stopping()) return;
    const bool has_instance = !fleet::Fleet::withdraw(transaction, job.account, job.workload);
    const Time at = now();
    advance(transaction, job, {StopAsked{.has_instance = has_instance}}, at);
    if (has_instance) set_deadline(transaction, job, at, kGracePeriodSeconds);
  });
  fleet_.wake();
}

std::int64_t Supervision::stop_all() {
  const std::vector<records::JobRow> rows = database_.read([&](Connection& connection) {
    return records::JobTable(connection, kind_.table).unfinished();
  });
  for (const records::JobRow& row : rows) {
    // A job may finish between the look and the request; then there is nothing to stop.
    try {
      stop(row.summary.account, kind_.workload_of(row.summary.name));
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer) throw;
    }
  }
  return static_cast<std::int64_t>(rows.size());
}

std::int64_t Supervision::unfinished() const {
  return static_cast<std::int64_t>(
      database_
          .read([&](Connection& connection) {
            return records::JobTable(connection, kind_.table).unfinished();
          })
          .size());
}

control::GetJobTicketResponse Supervision::get_ticket(const control::GetJobTicketRequest& request,
                                                      const aws::Caller& caller) {
  aws::require_supervisor(caller, request.job_name, "millrace:GetJobTicket");
  const std::optional<std::string> endpoint =
      endpoint_.with([](const auto& known) { return known; });
  if (!endpoint)
    throw Error(Blame::Platform, "ServiceUnavailable",
                "The daemon is starting. Try again in a moment.");
  const Time at = now();
  TicketGrant grant{.host = request.host.value_or(host_name(1)),
                    .log_stream = {},
                    .keys = {},
                    .endpoint = *endpoint,
                    .now = at};
  const SupervisedJob job = database_.write([&](Connection& transaction) {
    SupervisedJob found = look(transaction, caller.account, request.job_name);
    if (found.state.finished()) refuse_ending(found);
    const std::string stream =
        found.name + "/" + grant.host + "-" + std::to_string(to_millis(at) / 1000);
    advance(transaction, found, {TicketTaken{.host = grant.host, .log_stream = stream}}, at);
    const HostState* state = found.state.host(grant.host);
    if (state == nullptr) refuse("The job has no host '" + grant.host + "'.");
    grant.log_stream = state->log_stream;
    logs::Logs::ensure_stream(transaction, found.account, kind_.log_group, grant.log_stream);
    if (auto keys = identity::Keyring::of_job(transaction, found.workload))
      grant.keys = std::move(keys->program);
    grant.lease_number =
        fleet_.lease_number(transaction, found.account, found.workload).value_or(0);
    return found;
  });
  return {.ticket = jobs_.ticket(job, grant), .stop_requested = job.state.wants_stop()};
}

control::ReportJobResponse Supervision::report(const control::ReportJobRequest& request,
                                               const aws::Caller& caller) {
  aws::require_supervisor(caller, request.job_name, "millrace:ReportJob");
  if (request.supervisor_pid)
    fleet_.heard_from(request.job_name, request.host, *request.supervisor_pid);

  const std::vector<JobEvent> events = events_of(request);
  const Time at = now();
  SupervisedJob job = database_.read(
      [&](Connection& connection) { return look(connection, caller.account, request.job_name); });
  JobState expected = job.state;
  for (const JobEvent& event : events) expected = after(std::move(expected), event, at, job.rules);
  // A report that only says that the host is there costs no write.
  if (expected != job.state || request.metrics || request.residency || request.channels) {
    bool deadline_set = false;
    job = database_.write([&](Connection& transaction) {
      SupervisedJob current = look(transaction, caller.account, request.job_name);
      const bool wanted_stop = current.state.wants_stop();
      advance(transaction, current, events, at);
      if (request.metrics && metrics::is_new_report(transaction, {.account = current.account,
                                                                  .workload = current.workload,
                                                                  .host = request.host,
                                                                  .id = request.metrics_id}))
        jobs_.record_metrics(transaction, current, request.host, *request.metrics, at);
      if (request.residency) {
        Residency::record(transaction, current.account, current.workload, request.host,
                          *request.residency);
      }
      if (request.channels) {
        record_channels(transaction, current.account, current.workload, request.host,
                        *request.channels);
      }
      deadline_set = update_deadline(transaction, current, wanted_stop,
                                     request.program_started.has_value(), at);
      return current;
    });
    if (deadline_set) fleet_.wake();
  }
  control::ReportJobResponse response{
      // A supervisor whose job has been ended without it has nothing left to do either.
      .stop_requested = job.state.wants_stop() && !request.outcome,
      .interrupt_grace_in_seconds = job.state.interrupt_grace};
  if (const std::optional<Ending> ending = ending_for(job.state, request.host);
      ending && request.host_ended) {
    response.job_end = control::JobOutcome{.result = ending->result};
    if (!ending->failure_reason.empty()) response.job_end->failure_reason = ending->failure_reason;
  }
  return response;
}

fleet::AfterEnd Supervision::supervisor_ended(Connection& transaction,
                                              const fleet::SupervisorEnd& end) const {
  std::optional<SupervisedJob> job = jobs_.find(transaction, end.account, end.workload);
  if (!job || job->state.finished()) return fleet::AfterEnd::GiveBack;
  // Without a ticket it cannot have done anything: the host is as if it had never left the queue.
  const HostState* host = job->state.host(end.host);
  const bool untouched =
      end.maybe_never_started && host != nullptr && !host->ticket_taken && !job->state.wants_stop();
  if (untouched) return end.last ? fleet::AfterEnd::WaitAgain : fleet::AfterEnd::StartAgain;
  const Time at = now();
  const bool wanted_stop = job->state.wants_stop();
  advance(transaction, *job,
          {SupervisorLost{.host = end.host, .reason = end.reason, .last = end.last}}, at);
  if (!end.last) update_deadline(transaction, *job, wanted_stop, false, at);
  return end.last && restarting(job->state) ? fleet::AfterEnd::WaitAgain
                                            : fleet::AfterEnd::GiveBack;
}

void Supervision::wait_exceeded(Connection& transaction, const fleet::Expiry& expiry) const {
  std::optional<SupervisedJob> job = jobs_.find(transaction, expiry.account, expiry.workload);
  if (!job) return;
  const Time at = now();
  const bool wanted_stop = job->state.wants_stop();
  advance(transaction, *job, {WaitExceeded{.has_instance = expiry.has_instances}}, at);
  if (expiry.has_instances) update_deadline(transaction, *job, wanted_stop, false, at);
}

Supervision& SupervisorDesk::of(const std::string& workload) {
  return workload::kind_of(workload) == workload::kProcessing ? processing_ : training_;
}

}  // namespace millrace::jobs
