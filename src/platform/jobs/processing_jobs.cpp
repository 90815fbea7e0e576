#include "platform/jobs/processing_jobs.h"

#include <utility>

#include "core/base/error.h"
#include "platform/aws/access.h"
#include "platform/jobs/check_processing.h"
#include "platform/jobs/job_listing.h"
#include "platform/jobs/processing_record.h"
#include "platform/jobs/refuse.h"
#include "platform/metrics/metrics.h"
#include "platform/metrics/reported_points.h"
#include "platform/tags/tags.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;
using records::Connection;
using records::JobKind;
using records::JobTable;

[[noreturn]] void refuse_name(const std::string& arn) {
  throw Error(Blame::Customer, "ResourceInUse",
              "Processing job names must be unique within an AWS account and region, and a "
              "processing job with this name already exists (" +
                  arn + ")");
}

std::optional<ProcessingRecord> find_record(Connection& connection, const std::string& account,
                                            const std::string& name) {
  const auto row = JobTable(connection, JobKind::Processing).find(account, name);
  if (!row) return std::nullopt;
  return processing_record_of(*row);
}

/// Of "processing.<name>".
std::string name_of(const std::string& workload) {
  return workload.substr(workload.find('.') + 1);
}

}  // namespace

ProcessingJobs::ProcessingJobs(records::Database& database, fleet::Fleet& fleet,
                               const catalog::Programs& programs, ObjectLookup objects)
    : database_(database),
      fleet_(fleet),
      programs_(programs),
      objects_(std::move(objects)),
      supervision_(
          database, fleet, *this,
          {.table = JobKind::Processing,
           .noun = "processing job",
           .log_group = kProcessingLogGroup,
           .workload_of = [](const std::string& name) { return processing_workload(name); }}) {}

ProcessingJobs::~ProcessingJobs() {
  fleet_.stop();
}

void ProcessingJobs::check_image(const sm::AppSpecification& app) const {
  const catalog::ImageName name = catalog::parse_image_name(app.image_uri);
  if (programs_.is_built_in(name)) {
    refuse({.where = "AppSpecification.ImageUri",
            .given = app.image_uri,
            .expected = "a framework image, or an image of your own",
            .fix = "Built-in algorithms train; they process nothing."});
  }
  programs_.check("AppSpecification.ImageUri", app.image_uri);
  if (programs_.framework(name) != nullptr && !app.container_entrypoint) {
    refuse({.where = "AppSpecification.ContainerEntrypoint",
            .given = {},
            .expected = "what the framework image is to run",
            .fix = "Such as [\"python3\", \"/opt/ml/processing/input/code/script.py\"]."});
  }
}

sm::CreateProcessingJobResponse ProcessingJobs::create(
    const sm::CreateProcessingJobRequest& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateProcessingJob");
  check_processing(request);
  if (const auto taken = database_.read([&](Connection& connection) {
        return arn_of(connection, caller.account, request.processing_job_name);
      })) {
    refuse_name(*taken);
  }
  check_image(request.app_specification);
  check_processing_places(request, objects_, caller);

  ProcessingRecord job{.account = caller.account,
                       .region = caller.region,
                       .created = now(),
                       .request = with_processing_defaults(request),
                       .state = {}};
  const std::int64_t hosts = job.request.processing_resources.cluster_config.instance_count;
  job.state = accepted(job.created, hosts);
  const fleet::InstanceRequest instance{
      .account = job.account,
      .workload = job.workload(),
      .region = job.region,
      .role_arn = job.request.role_arn,
      .user = caller.user,
      .hosts = hosts,
      .demand = catalog::sum_of(catalog::shares_of(instance_types(job), fleet_.machine())),
      .expires_at = std::nullopt};
  const bool inserted = database_.write([&](Connection& transaction) {
    if (!JobTable(transaction, JobKind::Processing).insert(row_of(job))) return false;
    tags::Tags::put(transaction, job.account, job.arn(), request.tags);
    fleet::Fleet::enqueue(transaction, instance);
    return true;
  });
  if (!inserted) refuse_name(job.arn());
  fleet_.wake();
  return {.processing_job_arn = job.arn()};
}

sm::DescribeProcessingJobResponse ProcessingJobs::describe(
    const sm::DescribeProcessingJobRequest& request, const aws::Caller& caller) {
  aws::require_same_job(caller, processing_workload(request.processing_job_name),
                        "sagemaker:DescribeProcessingJob");
  const auto job = database_.read([&](Connection& connection) {
    return find_record(connection, caller.account, request.processing_job_name);
  });
  if (!job) refuse_unknown_job();
  return jobs::describe(*job);
}

sm::ListProcessingJobsResponse ProcessingJobs::list(const sm::ListProcessingJobsRequest& request,
                                                    const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListProcessingJobs");
  const records::ListingQuery query = listing_query(request, caller.account);
  sm::ListProcessingJobsResponse response;
  database_.snapshot([&](Connection& connection) {
    JobTable table(connection, JobKind::Processing);
    std::vector<records::JobSummaryRow> rows = table.list(query);
    response.next_token = end_page(request, rows);
    for (const records::JobSummaryRow& row : rows) {
      const auto job = find_record(connection, row.account, row.name);
      if (!job) continue;
      const sm::DescribeProcessingJobResponse shown = jobs::describe(*job);
      response.processing_job_summaries.push_back(
          {.processing_job_name = shown.processing_job_name,
           .processing_job_arn = shown.processing_job_arn,
           .creation_time = shown.creation_time,
           .processing_end_time = shown.processing_end_time,
           .last_modified_time = shown.last_modified_time,
           .processing_job_status = shown.processing_job_status,
           .failure_reason = shown.failure_reason,
           .exit_message = shown.exit_message});
    }
  });
  return response;
}

wire::Empty ProcessingJobs::stop(const sm::StopProcessingJobRequest& request,
                                 const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:StopProcessingJob");
  supervision_.stop(caller.account, processing_workload(request.processing_job_name));
  return {};
}

std::optional<std::string> ProcessingJobs::arn_of(Connection& connection,
                                                  const std::string& account,
                                                  const std::string& name) {
  const auto row = JobTable(connection, JobKind::Processing).find(account, name);
  if (!row) return std::nullopt;
  return processing_job_arn(row->summary.region, row->summary.account, row->summary.name);
}

std::optional<ResidencySubject> ProcessingJobs::residency_of(Connection& connection,
                                                             const std::string& account,
                                                             const std::string& workload) {
  const std::optional<ProcessingRecord> job = find_record(connection, account, name_of(workload));
  if (!job) return std::nullopt;
  ResidencySubject subject{.workload = job->workload(),
                           .status = job->state.status,
                           .created = job->created,
                           .ended = std::nullopt,
                           .outputs = {}};
  if (job->state.finished()) subject.ended = job->state.modified;
  if (job->request.processing_output_config) {
    for (const sm::ProcessingOutput& output : job->request.processing_output_config->outputs)
      subject.outputs.push_back(output.s3_output->s3_uri);
  }
  return subject;
}

std::optional<SupervisedJob> ProcessingJobs::find(Connection& connection,
                                                  const std::string& account,
                                                  const std::string& workload) const {
  std::optional<ProcessingRecord> job = find_record(connection, account, name_of(workload));
  if (!job) return std::nullopt;
  return SupervisedJob{
      .account = job->account,
      .workload = job->workload(),
      .name = job->name(),
      .state = std::move(job->state),
      .rules = {},
      .max_runtime_seconds = job->request.stopping_condition->max_runtime_in_seconds};
}

void ProcessingJobs::record_metrics(Connection& transaction, const SupervisedJob& job,
                                    const std::string& host,
                                    const std::vector<control::MetricPoint>& points,
                                    Time at) const {
  const auto metric_of = [&](const control::MetricPoint& point) {
    return metrics::instance_metric(job.account, job.name, host, point.metric_name,
                                    metrics::kProcessingNamespace);
  };
  metrics::keep_reported(transaction, points, metric_of, at);
}

control::JobTicket ProcessingJobs::ticket(const SupervisedJob& supervised,
                                          const TicketGrant& grant) const {
  const ProcessingRecord job = database_.read([&](Connection& connection) {
    return find_record(connection, supervised.account, supervised.name).value();
  });
  const sm::AppSpecification& app = job.request.app_specification;
  // No argument is added: what the image or the request names is all there is.
  const auto program =
      programs_.find(catalog::parse_image_name(app.image_uri),
                     {.verb = {},
                      .entrypoint = app.container_entrypoint,
                      .arguments = app.container_arguments.value_or(std::vector<std::string>{})});
  if (!program) {
    throw Error(Blame::Platform,
                "the image \"" + app.image_uri +
                    "\" was known when the job was accepted and is not any more. Register it "
                    "again.");
  }
  return ticket_of(job, grant, *program, fleet_.machine(), seconds_left(supervised, grant.now));
}

}  // namespace millrace::jobs
