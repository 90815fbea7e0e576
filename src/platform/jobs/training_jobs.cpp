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
using records::JobTable;

std::optional<JobRecord> find_record(Connection& connection, const std::string& account,
                                     const std::string& name) {
  const auto row = JobTable(connection, records::JobKind::Training).find(account, name);
  if (!row) return std::nullopt;
  return record_of(*row);
}

RestartRules rules_of(const JobRecord& job) {
  RestartRules rules{.spot = job.request.enable_managed_spot_training.value_or(false)};
  if (job.request.retry_strategy)
    rules.max_restarts = job.request.retry_strategy->maximum_retry_attempts;
  return rules;
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

/// Every value of every metric, where job analytics and charts read them.
void record_series(Connection& transaction, const SupervisedJob& job, const std::string& host,
                   const std::vector<control::MetricPoint>& points, Time at) {
  const auto metric_of = [&](const control::MetricPoint& point) {
    return point.of_instance.value_or(false)
               ? metrics::instance_metric(job.account, job.name, host, point.metric_name)
               : metrics::training_metric(job.account, job.name, point.metric_name);
  };
  metrics::keep_reported(transaction, points, metric_of, at);
}

}  // namespace

TrainingJobs::TrainingJobs(records::Database& database, fleet::Fleet& fleet, const Catalog& catalog,
                           ObjectLookup objects)
    : database_(database),
      fleet_(fleet),
      algorithms_(catalog.algorithms),
      file_systems_(catalog.file_systems),
      programs_(catalog.programs),
      objects_(std::move(objects)),
      supervision_(database, fleet, *this,
                   {.table = records::JobKind::Training,
                    .noun = "training job",
                    .log_group = kTrainingLogGroup,
                    .workload_of = [](const std::string& name) { return name; }}) {}

TrainingJobs::~TrainingJobs() {
  fleet_.stop();
}

std::optional<SupervisedJob> TrainingJobs::find(Connection& connection, const std::string& account,
                                                const std::string& workload) const {
  std::optional<JobRecord> job = find_record(connection, account, workload);
  if (!job) return std::nullopt;
  return SupervisedJob{
      .account = job->account,
      .workload = job->name(),
      .name = job->name(),
      .state = std::move(job->state),
      .rules = rules_of(*job),
      .max_runtime_seconds = *job->request.stopping_condition->max_runtime_in_seconds};
}

void TrainingJobs::record_metrics(Connection& transaction, const SupervisedJob& job,
                                  const std::string& host,
                                  const std::vector<control::MetricPoint>& points, Time at) const {
  record_series(transaction, job, host, points, at);
}

sm::CreateTrainingJobResponse TrainingJobs::create(const sm::CreateTrainingJobRequest& request,
                                                   const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateTrainingJob");
  const std::string& name = request.training_job_name;
  const auto [algorithm, framework] =
      check_all(request, caller, [](const std::function<void()>& check) {
        check();
        return true;
      });

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
    if (!JobTable(transaction, records::JobKind::Training).insert(row_of(job))) return false;
    tags::Tags::put(transaction, job.account, job.arn(), request.tags);
    use_file_systems(transaction, job);
    fleet::Fleet::enqueue(transaction, instance);
    return true;
  });
  if (!inserted) refuse_name(job.arn());
  fleet_.wake();
  return {.training_job_arn = job.arn()};
}

TrainingJobs::Choice TrainingJobs::check_all(const sm::CreateTrainingJobRequest& request,
                                             const aws::Caller& caller, const RunCheck& run) {
  // The others look at members that this one requires.
  if (!run([&] { check_request(request); })) return {};
  run([&] {
    const auto taken = database_.read([&](Connection& connection) {
      return find_record(connection, caller.account, request.training_job_name);
    });
    if (taken) refuse_name(taken->arn());
  });
  const std::string& image = *request.algorithm_specification->training_image;
  const catalog::ImageName image_name = catalog::parse_image_name(image);
  Choice choice;
  if (run([&] { programs_.check("AlgorithmSpecification.TrainingImage", image); })) {
    choice = {.algorithm = algorithms_.find(image_name),
              .framework = programs_.framework(image_name)};
  }
  if (choice.framework != nullptr) run([&] { check_script_mode(*choice.framework, request); });
  run([&] {
    check_sources(request, {.objects = objects_, .file_systems = file_systems_, .caller = caller});
  });
  if (choice.algorithm != nullptr) run([&] { check_against(*choice.algorithm, request); });
  return choice;
}

std::vector<RequestProblem> TrainingJobs::problems(const sm::CreateTrainingJobRequest& request,
                                                   const aws::Caller& caller) {
  std::vector<RequestProblem> found;
  check_all(request, caller, [&](const std::function<void()>& check) {
    try {
      check();
      return true;
    } catch (const ProblemsError& error) {
      for (const Problem& problem : error.problems())
        found.push_back({.field = problem.where, .message = millrace::describe(problem)});
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer) throw;
      found.push_back({.field = {}, .message = error.what()});
    }
    return false;
  });
  return found;
}

std::optional<std::string> TrainingJobs::arn_of(Connection& connection, const std::string& account,
                                                const std::string& name) {
  const auto row = JobTable(connection, records::JobKind::Training).find(account, name);
  if (!row) return std::nullopt;
  return training_job_arn(row->summary.region, row->summary.account, row->summary.name);
}

std::optional<ResidencySubject> TrainingJobs::residency_of(Connection& connection,
                                                           const std::string& account,
                                                           const std::string& name) {
  const std::optional<JobRecord> job = find_record(connection, account, name);
  if (!job) return std::nullopt;
  ResidencySubject subject{.workload = job->name(),
                           .status = job->state.status,
                           .created = job->created,
                           .ended = std::nullopt,
                           .outputs = {output_uri(*job)}};
  if (job->state.finished()) subject.ended = job->state.modified;
  if (const auto& checkpoints = job->request.checkpoint_config)
    subject.outputs.push_back(checkpoints->s3_uri);
  return subject;
}

sm::DescribeTrainingJobResponse TrainingJobs::describe(
    const sm::DescribeTrainingJobRequest& request, const aws::Caller& caller) {
  aws::require_same_job(caller, request.training_job_name, "sagemaker:DescribeTrainingJob");
  const auto job = database_.read([&](Connection& connection) {
    return find_record(connection, caller.account, request.training_job_name);
  });
  if (!job) refuse_unknown_job();
  return jobs::describe(*job);
}

sm::ListTrainingJobsResponse TrainingJobs::list(const sm::ListTrainingJobsRequest& request,
                                                const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListTrainingJobs");
  // No job has a warm pool or a training plan.
  if (request.warm_pool_status_equals || request.training_plan_arn_equals) return {};
  const records::ListingQuery query = listing_query(request, caller.account);
  return listing_page(request, database_.read([&](Connection& connection) {
    return JobTable(connection, records::JobKind::Training).list(query);
  }));
}

wire::Empty TrainingJobs::stop(const sm::StopTrainingJobRequest& request,
                               const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:StopTrainingJob");
  supervision_.stop(caller.account, request.training_job_name);
  return {};
}

control::InterruptJobResponse TrainingJobs::interrupt(const control::InterruptJobRequest& request,
                                                      const aws::Caller& caller) {
  aws::require_own_key(caller, "millrace:InterruptJob");
  const std::int64_t grace = request.grace_in_seconds.value_or(kGracePeriodSeconds);
  database_.write([&](Connection& transaction) {
    std::optional<SupervisedJob> job = find(transaction, caller.account, request.job_name);
    if (!job) refuse_unknown_job();
    if (!job->rules.spot) {
      refuse("The training job " + job->name +
             " was created without EnableManagedSpotTraining: it keeps its instances until it "
             "ends. Stop it instead.");
    }
    if (job->state.finished() || job->state.stopping()) supervision_.refuse_ending(*job);
    if (restarting(job->state) ||
        !fleet::Fleet::has_instances(transaction, job->account, job->workload)) {
      refuse("The training job " + job->name + " is " + job->state.secondary +
             " and has no instances that could be taken away.");
    }
    if (job->state.wants_stop()) refuse("The training job " + job->name + " is ending already.");
    const Time at = now();
    supervision_.advance(transaction, *job, {InterruptAsked{.grace_seconds = grace}}, at);
    Supervision::set_deadline(transaction, *job, at, grace);
  });
  fleet_.wake();
  return {};
}

control::JobTicket TrainingJobs::ticket(const SupervisedJob& supervised,
                                        const TicketGrant& grant) const {
  std::map<std::string, records::FileSystemRow> file_systems;
  JobRecord job = database_.read([&](Connection& connection) {
    JobRecord found = find_record(connection, supervised.account, supervised.name).value();
    for (const std::string& id : file_systems_of(found.request)) {
      if (auto row = records::FileSystemTable(connection).find(id))
        file_systems.emplace(id, *std::move(row));
    }
    return found;
  });
  // As the supervisor has just changed it.
  job.state = supervised.state;
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
  return ticket_of({.job = job,
                    .grant = grant,
                    .program = *program,
                    .machine = fleet_.machine(),
                    .file_systems = std::move(file_systems),
                    .seconds_left = seconds_left(supervised, grant.now)});
}

}  // namespace millrace::jobs
