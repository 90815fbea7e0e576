#include "platform/jobs/training_jobs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/host_names.h"
#include "platform/aws/access.h"
#include "platform/identity/keyring.h"
#include "platform/jobs/check_algorithm.h"
#include "platform/jobs/check_request.h"
#include "platform/jobs/check_script_mode.h"
#include "platform/jobs/check_sources.h"
#include "platform/jobs/hosts.h"
#include "platform/jobs/job_listing.h"
#include "platform/jobs/refuse.h"
#include "platform/jobs/ticket.h"
#include "platform/logs/logs.h"
#include "platform/metrics/metrics.h"
#include "platform/metrics/reported_points.h"
#include "platform/records/file_systems.h"
#include "platform/records/metrics.h"
#include "platform/tags/tags.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;
using records::Connection;
using records::TrainingJobTable;

/// SageMaker says ValidationException here where one would expect ResourceNotFound, and waiters
/// rely on it.
[[noreturn]] void no_such_job() {
  refuse("Requested resource not found.");
}

std::optional<JobRecord> find(Connection& connection, const std::string& account,
                              const std::string& name) {
  const auto row = TrainingJobTable(connection).find(account, name);
  if (!row) return std::nullopt;
  return record_of(*row);
}

bool is_spot(const JobRecord& job) {
  return job.request.enable_managed_spot_training.value_or(false);
}

RestartRules rules_of(const JobRecord& job) {
  RestartRules rules{.spot = is_spot(job)};
  if (job.request.retry_strategy)
    rules.max_restarts = job.request.retry_strategy->maximum_retry_attempts;
  return rules;
}

/// Applies events in order and writes the row if they changed anything.
void advance(Connection& transaction, JobRecord& job, const std::vector<JobEvent>& events,
             Time at) {
  JobState next = job.state;
  for (const JobEvent& event : events) next = after(std::move(next), event, at, rules_of(job));
  if (next == job.state) return;
  job.state = std::move(next);
  TrainingJobTable(transaction).update(row_of(job));
}

[[noreturn]] void refuse_name(const std::string& arn) {
  throw Error(Blame::Customer, "ResourceInUse",
              "Training job names must be unique within an AWS account and region, and a training "
              "job with this name "
              "already exists (" +
                  arn + ")");
}

/// Written with the job, so that no file system goes while a job that names it is accepted.
void use_file_systems(Connection& transaction, const JobRecord& job) {
  records::FileSystemTable table(transaction);
  for (const std::string& id : file_systems_of(job.request)) {
    if (!table.find(id)) refuse("The file system " + id + " was removed meanwhile.");
    table.add_use(id, job.account, job.name());
  }
}

/// Built-in algorithms bring their metric definitions, and Describe shows them.
void add_metrics(sm::AlgorithmSpecification& spec, const catalog::AlgorithmDescription& algorithm) {
  spec.metric_definitions.emplace();
  for (const catalog::MetricSpec& metric : algorithm.metrics) {
    spec.metric_definitions->push_back({.name = metric.name, .regex = metric.regex});
  }
}

std::string log_stream_name(const JobRecord& job, const std::string& host, Time at) {
  return job.name() + "/" + host + "-" + std::to_string(to_millis(at) / 1000);
}

/// Every value of every metric, where job analytics and charts read them.
void record_metrics(Connection& transaction, const JobRecord& job, const std::string& host,
                    const std::vector<control::MetricPoint>& points, Time at) {
  const auto metric_of = [&](const control::MetricPoint& point) {
    return point.of_instance.value_or(false)
               ? metrics::instance_metric(job.account, job.name(), host, point.metric_name)
               : metrics::training_metric(job.account, job.name(), point.metric_name);
  };
  metrics::keep_reported(transaction, points, metric_of, at);
}

/// When the daemon gives up on a supervisor whose program must have ended at `program_end`.
Time deadline(Time program_end, std::int64_t grace_seconds = kGracePeriodSeconds) {
  return program_end + std::chrono::seconds(grace_seconds) + kUploadAllowance;
}

[[noreturn]] void refuse_ending(const JobRecord& job) {
  refuse("The request was rejected because the training job is in status " + job.state.status +
         ".");
}

/// When the supervisors of a job must have ended: after what is left of its time once a program has
/// started, each attempt and each host anew, and soon once a host has failed. False when nothing of
/// that has just happened.
bool set_deadline(Connection& transaction, const JobRecord& job, bool wanted_stop,
                  bool program_started, Time at) {
  const bool stops = job.state.wants_stop() && !wanted_stop && !job.state.finished();
  const bool begins = program_started && job.state.training_start && !job.state.wants_stop();
  if (!stops && !begins) return false;
  const Time program_end = stops ? at : at + std::chrono::seconds(seconds_left(job, at));
  fleet::Fleet::set_deadline(transaction, job.account, job.name(), deadline(program_end));
  return true;
}

}  // namespace

TrainingJobs::TrainingJobs(records::Database& database, fleet::Fleet& fleet, const Catalog& catalog,
                           ObjectLookup objects)
    : database_(database),
      fleet_(fleet),
      algorithms_(catalog.algorithms),
      file_systems_(catalog.file_systems),
      programs_(catalog.programs),
      objects_(std::move(objects)) {}

TrainingJobs::~TrainingJobs() {
  fleet_.stop();
}

void TrainingJobs::set_endpoint(const std::string& endpoint) {
  endpoint_.with([&](auto& known) { known = endpoint; });
}

fleet::Fleet::Handlers TrainingJobs::handlers() {
  return {.on_end =
              [this](Connection& transaction, const fleet::SupervisorEnd& end) {
                return supervisor_ended(transaction, end);
              },
          .on_expiry = wait_exceeded};
}

sm::CreateTrainingJobResponse TrainingJobs::create(const sm::CreateTrainingJobRequest& request,
                                                   const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateTrainingJob");
  check_request(request);
  const std::string& name = request.training_job_name;
  if (const auto taken = database_.read(
          [&](Connection& connection) { return find(connection, caller.account, name); })) {
    refuse_name(taken->arn());
  }
  const std::string& image = *request.algorithm_specification->training_image;
  const catalog::ImageName image_name = catalog::parse_image_name(image);
  const catalog::AlgorithmDescription* algorithm = algorithms_.find(image_name);
  programs_.check("AlgorithmSpecification.TrainingImage", image);
  const catalog::Framework* framework = programs_.framework(image_name);
  if (framework != nullptr) check_script_mode(*framework, request);
  check_sources(request, {.objects = objects_, .file_systems = file_systems_, .caller = caller});
  if (algorithm != nullptr) check_against(*algorithm, request);

  JobRecord job{.account = caller.account,
                .region = caller.region,
                .created = now(),
                .request = with_defaults(request)};
  const sm::ResourceConfig& resources = *job.request.resource_config;
  const std::int64_t hosts = host_count(resources);
  job.state = accepted(job.created, hosts);
  if (algorithm != nullptr) add_metrics(*job.request.algorithm_specification, *algorithm);
  const bool has_time_series =
      algorithm != nullptr || (framework != nullptr && framework->name == "pytorch");
  if (has_time_series && !request.algorithm_specification->enable_sage_maker_metrics_time_series)
    job.request.algorithm_specification->enable_sage_maker_metrics_time_series = true;
  fleet::InstanceRequest instance{.account = job.account,
                                  .workload = name,
                                  .region = job.region,
                                  .role_arn = job.request.role_arn,
                                  .user = caller.user,
                                  .hosts = hosts,
                                  .demand = catalog::sum_of(catalog::shares_of(
                                      instance_types(host_groups(resources)), fleet_.machine()))};
  if (const auto& wait = job.request.stopping_condition->max_wait_time_in_seconds)
    instance.expires_at = job.created + std::chrono::seconds(*wait);
  // The row is the promise: once it is written the job survives a restart, so it comes before the
  // wake-up, and its primary key is what makes the name unique.
  const bool inserted = database_.write([&](Connection& transaction) {
    if (!TrainingJobTable(transaction).insert(row_of(job))) return false;
    tags::Tags::put(transaction, job.account, job.arn(), request.tags);
    use_file_systems(transaction, job);
    fleet::Fleet::enqueue(transaction, instance);
    return true;
  });
  if (!inserted) refuse_name(job.arn());
  fleet_.wake();
  return {.training_job_arn = job.arn()};
}

std::optional<std::string> TrainingJobs::arn_of(Connection& connection, const std::string& account,
                                                const std::string& name) {
  const auto row = TrainingJobTable(connection).find(account, name);
  if (!row) return std::nullopt;
  return training_job_arn(row->summary.region, row->summary.account, row->summary.name);
}

sm::DescribeTrainingJobResponse TrainingJobs::describe(
    const sm::DescribeTrainingJobRequest& request, const aws::Caller& caller) {
  aws::require_same_job(caller, request.training_job_name, "sagemaker:DescribeTrainingJob");
  const auto job = database_.read([&](Connection& connection) {
    return find(connection, caller.account, request.training_job_name);
  });
  if (!job) no_such_job();
  return jobs::describe(*job);
}

sm::ListTrainingJobsResponse TrainingJobs::list(const sm::ListTrainingJobsRequest& request,
                                                const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListTrainingJobs");
  // No job has a warm pool or a training plan.
  if (request.warm_pool_status_equals || request.training_plan_arn_equals) return {};
  const records::ListingQuery query = listing_query(request, caller.account);
  return listing_page(request, database_.read([&](Connection& connection) {
    return TrainingJobTable(connection).list(query);
  }));
}

wire::Empty TrainingJobs::stop(const sm::StopTrainingJobRequest& request,
                               const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:StopTrainingJob");
  database_.write([&](Connection& transaction) {
    std::optional<JobRecord> job = find(transaction, caller.account, request.training_job_name);
    if (!job) no_such_job();
    if (job->state.finished()) refuse_ending(*job);
    if (job->state.stopping()) return;
    const bool has_instance = !fleet::Fleet::withdraw(transaction, job->account, job->name());
    const Time at = now();
    advance(transaction, *job, {StopAsked{.has_instance = has_instance}}, at);
    if (has_instance)
      fleet::Fleet::set_deadline(transaction, job->account, job->name(), deadline(at));
  });
  fleet_.wake();
  return {};
}

control::InterruptJobResponse TrainingJobs::interrupt(const control::InterruptJobRequest& request,
                                                      const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:InterruptJob");
  const std::int64_t grace = request.grace_in_seconds.value_or(kGracePeriodSeconds);
  database_.write([&](Connection& transaction) {
    std::optional<JobRecord> job = find(transaction, caller.account, request.job_name);
    if (!job) no_such_job();
    if (!is_spot(*job)) {
      refuse("The training job " + job->name() +
             " was created without EnableManagedSpotTraining: it keeps its instances until it "
             "ends. Stop it instead.");
    }
    if (job->state.finished() || job->state.stopping()) refuse_ending(*job);
    if (restarting(job->state) ||
        !fleet::Fleet::has_instances(transaction, job->account, job->name())) {
      refuse("The training job " + job->name() + " is " + job->state.secondary +
             " and has no instances that could be taken away.");
    }
    if (job->state.wants_stop()) refuse("The training job " + job->name() + " is ending already.");
    const Time at = now();
    advance(transaction, *job, {InterruptAsked{.grace_seconds = grace}}, at);
    fleet::Fleet::set_deadline(transaction, job->account, job->name(), deadline(at, grace));
  });
  fleet_.wake();
  return {};
}

std::int64_t TrainingJobs::stop_all() {
  std::vector<JobRecord> jobs;
  for (const auto& row : database_.read(
           [](Connection& connection) { return TrainingJobTable(connection).unfinished(); })) {
    jobs.push_back(record_of(row));
  }
  for (const JobRecord& job : jobs) {
    // A job may finish between the look and the request; then there is nothing to stop.
    try {
      stop({.training_job_name = job.name()}, {.account = job.account});
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer) throw;
    }
  }
  return static_cast<std::int64_t>(jobs.size());
}

std::int64_t TrainingJobs::unfinished() const {
  return static_cast<std::int64_t>(
      database_
          .read([](Connection& connection) { return TrainingJobTable(connection).unfinished(); })
          .size());
}

control::GetJobTicketResponse TrainingJobs::get_ticket(const control::GetJobTicketRequest& request,
                                                       const aws::Caller& caller) {
  aws::require_supervisor(caller, request.job_name, "millrace:GetJobTicket");
  const std::optional<std::string> endpoint =
      endpoint_.with([](const auto& known) { return known; });
  if (!endpoint)
    throw Error(Blame::Platform, "ServiceUnavailable",
                "The daemon is starting. Try again in a moment.");
  const Time at = now();
  const std::string host = request.host.value_or(host_name(1));
  std::optional<identity::JobKeys> keys;
  std::map<std::string, records::FileSystemRow> file_systems;
  std::int64_t lease_number = 0;
  const JobRecord job = database_.write([&](Connection& transaction) {
    std::optional<JobRecord> found = find(transaction, caller.account, request.job_name);
    if (!found) no_such_job();
    if (found->state.finished()) refuse_ending(*found);
    const TicketTaken taken{.host = host, .log_stream = log_stream_name(*found, host, at)};
    advance(transaction, *found, {taken}, at);
    const HostState* state = found->state.host(host);
    if (state == nullptr) refuse("The job has no host '" + host + "'.");
    logs::Logs::ensure_stream(transaction, found->account, kTrainingLogGroup, state->log_stream);
    keys = identity::Keyring::of_job(transaction, found->name());
    lease_number = fleet_.lease_number(transaction, found->account, found->name()).value_or(0);
    for (const std::string& id : file_systems_of(found->request)) {
      if (auto row = records::FileSystemTable(transaction).find(id))
        file_systems.emplace(id, *std::move(row));
    }
    return *found;
  });
  const sm::AlgorithmSpecification& spec = *job.request.algorithm_specification;
  const auto program = programs_.find(catalog::parse_image_name(*spec.training_image),
                                      {.verb = "train",
                                       .entrypoint = spec.container_entrypoint,
                                       .arguments = spec.container_arguments});
  if (!program) {
    throw Error(
        Blame::Platform,
        "the image \"" + *spec.training_image +
            "\" was known when the job was accepted and is not any more. Install the trainer "
            "again, or register the image.");
  }
  TicketSource source{.job = job,
                      .host = host,
                      .program = *program,
                      .machine = fleet_.machine(),
                      .file_systems = std::move(file_systems),
                      .lease_number = lease_number,
                      .keys = {},
                      .endpoint = *endpoint,
                      .now = at};
  if (keys) source.keys = keys->program;
  return {.ticket = ticket_of(source), .stop_requested = job.state.wants_stop()};
}

control::ReportJobResponse TrainingJobs::report(const control::ReportJobRequest& request,
                                                const aws::Caller& caller) {
  aws::require_supervisor(caller, request.job_name, "millrace:ReportJob");
  if (request.supervisor_pid)
    fleet_.heard_from(request.job_name, request.host, *request.supervisor_pid);

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
                               .failure_reason = request.host_ended->failure_reason.value_or("")});
  }
  if (request.outcome) {
    events.push_back(
        OutcomeReported{.result = request.outcome->result,
                        .failure_reason = request.outcome->failure_reason.value_or("")});
  }
  const auto look = [&](Connection& connection) {
    std::optional<JobRecord> job = find(connection, caller.account, request.job_name);
    if (!job) no_such_job();
    return *std::move(job);
  };
  const Time at = now();
  JobRecord job = database_.read(look);
  JobState expected = job.state;
  for (const JobEvent& event : events)
    expected = after(std::move(expected), event, at, rules_of(job));
  // Nearly every report is a heartbeat that changes nothing, and costs no write.
  if (expected != job.state || request.metrics) {
    bool deadline_set = false;
    job = database_.write([&](Connection& transaction) {
      JobRecord current = look(transaction);
      const bool wanted_stop = current.state.wants_stop();
      advance(transaction, current, events, at);
      if (request.metrics) record_metrics(transaction, current, request.host, *request.metrics, at);
      deadline_set =
          set_deadline(transaction, current, wanted_stop, request.program_started.has_value(), at);
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

fleet::AfterEnd TrainingJobs::supervisor_ended(Connection& transaction,
                                               const fleet::SupervisorEnd& end) {
  std::optional<JobRecord> job = find(transaction, end.account, end.workload);
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
  if (!end.last) set_deadline(transaction, *job, wanted_stop, false, at);
  return end.last && restarting(job->state) ? fleet::AfterEnd::WaitAgain
                                            : fleet::AfterEnd::GiveBack;
}

void TrainingJobs::wait_exceeded(Connection& transaction, const fleet::Expiry& expiry) {
  std::optional<JobRecord> job = find(transaction, expiry.account, expiry.workload);
  if (!job) return;
  const Time at = now();
  const bool wanted_stop = job->state.wants_stop();
  advance(transaction, *job, {WaitExceeded{.has_instance = expiry.has_instances}}, at);
  if (expiry.has_instances) set_deadline(transaction, *job, wanted_stop, false, at);
}

}  // namespace millrace::jobs
