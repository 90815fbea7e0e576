#include "platform/jobs/processing_record.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/contract/host_names.h"
#include "core/contract/workload.h"
#include "platform/catalog/image_name.h"
#include "platform/fleet/program_environment.h"
#include "platform/jobs/stored_job.h"
#include "platform/jobs/ticket.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;

constexpr std::int64_t kBytesPerGb = std::int64_t{1} << 30;

bool is_isolated(const sm::CreateProcessingJobRequest& request) {
  return request.network_config && request.network_config->enable_network_isolation.value_or(false);
}

/// The request as the program finds it, with the job's ARN.
std::string config_json(const ProcessingRecord& record) {
  Json document;
  to_json(document, record.request);
  document["ProcessingJobArn"] = record.arn();
  for (const char* member : {"ProcessingInputs", "ProcessingOutputConfig", "Environment",
                             "NetworkConfig", "StoppingCondition"}) {
    if (!document.contains(member)) document[member] = nullptr;
  }
  return to_text(document);
}

control::TicketChannel channel_of(const sm::ProcessingInput& input, std::size_t host,
                                  std::size_t hosts) {
  const sm::ProcessingS3Input& source = *input.s3_input;
  control::TicketChannel told{
      .channel_name = input.input_name,
      .input_mode = *source.s3_input_mode,
      .compression_type = "None",
      .record_wrapper_type = "None",
      .s3_source =
          control::TicketS3Source{.s3_data_type = source.s3_data_type,
                                  .s3_uri = source.s3_uri,
                                  .s3_data_distribution_type = *source.s3_data_distribution_type,
                                  .shard = 0,
                                  .shards = 1},
      .local_path = source.local_path};
  if (source.s3_data_distribution_type == "ShardedByS3Key") {
    told.s3_source->shard = static_cast<std::int64_t>(host);
    told.s3_source->shards = static_cast<std::int64_t>(hosts);
  }
  return told;
}

control::TicketProcessing processing_of(const ProcessingRecord& record) {
  control::TicketProcessing told{.config = config_json(record)};
  if (!record.request.processing_output_config) return told;
  for (const sm::ProcessingOutput& output : record.request.processing_output_config->outputs) {
    if (*output.app_managed) continue;
    told.outputs.push_back({.output_name = output.output_name,
                            .local_path = *output.s3_output->local_path,
                            .s3_uri = output.s3_output->s3_uri,
                            .continuous = output.s3_output->s3_upload_mode == "Continuous"});
  }
  return told;
}

}  // namespace

std::string processing_job_arn(std::string_view region, std::string_view account,
                               std::string_view name) {
  return job_arn("processing-job", region, account, name);
}

std::string processing_workload(std::string_view name) {
  return std::string(workload::kProcessing) + "." + std::string(name);
}

std::string ProcessingRecord::arn() const {
  return processing_job_arn(region, account, name());
}
std::string ProcessingRecord::workload() const {
  return processing_workload(name());
}

ProcessingRecord processing_record_of(const records::JobRow& row) {
  return stored_job<ProcessingRecord>(row, "processing job");
}

records::JobRow row_of(const ProcessingRecord& record) {
  const std::string& image = record.request.app_specification.image_uri;
  return stored_row(record, catalog::parse_image_name(image).repository);
}

sm::DescribeProcessingJobResponse describe(const ProcessingRecord& record) {
  const sm::CreateProcessingJobRequest& request = record.request;
  const JobState& state = record.state;
  sm::DescribeProcessingJobResponse response{
      .processing_inputs = request.processing_inputs,
      .processing_output_config = request.processing_output_config,
      .processing_job_name = record.name(),
      .processing_resources = request.processing_resources,
      .stopping_condition = request.stopping_condition,
      .app_specification = request.app_specification,
      .environment = request.environment,
      .network_config = request.network_config,
      .role_arn = request.role_arn,
      .processing_job_arn = record.arn(),
      .processing_job_status = state.status,
      .processing_end_time = state.training_end,
      .processing_start_time = state.training_start,
      .last_modified_time = state.modified,
      .creation_time = record.created};
  if (!state.failure_reason.empty()) response.failure_reason = state.failure_reason;
  if (std::string message = state.exit_message(); state.finished() && !message.empty())
    response.exit_message = std::move(message);
  return response;
}

std::vector<std::string> instance_types(const ProcessingRecord& record) {
  const sm::ProcessingClusterConfig& cluster = record.request.processing_resources.cluster_config;
  return std::vector<std::string>(static_cast<std::size_t>(cluster.instance_count),
                                  cluster.instance_type);
}

control::JobTicket ticket_of(const ProcessingRecord& record, const TicketGrant& grant,
                             const catalog::Program& program, const catalog::Resources& machine,
                             std::int64_t seconds_left) {
  const sm::CreateProcessingJobRequest& request = record.request;
  const sm::ProcessingClusterConfig& cluster = request.processing_resources.cluster_config;
  const std::vector<std::string> hosts = host_names(cluster.instance_count);
  const auto index =
      static_cast<std::size_t>(std::find(hosts.begin(), hosts.end(), grant.host) - hosts.begin());
  const catalog::Resources limits = catalog::shares_of(instance_types(record), machine).at(index);
  std::optional<fleet::ProgramAccess> access;
  if (!is_isolated(request))
    access = fleet::ProgramAccess{.keys = grant.keys, .endpoint = grant.endpoint};
  control::JobTicket ticket{
      .job_name = record.workload(),
      .job_arn = record.arn(),
      .region = record.region,
      .host = grant.host,
      .hosts = hosts,
      .instance_type = cluster.instance_type,
      .command = program.command,
      .read_only_binds = program.read_only_binds,
      .environment = fleet::program_environment(
          request.environment.value_or(std::map<std::string, std::string>{}), program,
          std::max(1, static_cast<int>(limits.cpus)), access),
      .log_group = kProcessingLogGroup,
      .log_stream = grant.log_stream,
      .network_isolation = is_isolated(request),
      // A limit that is the whole machine is none; leaving it out saves the kernel its accounting.
      .cpus = limits.cpus < machine.cpus ? limits.cpus : 0,
      .memory_bytes = limits.memory_bytes < machine.memory_bytes ? limits.memory_bytes : 0,
      .volume_bytes = cluster.volume_size_in_gb * kBytesPerGb,
      .max_runtime_in_seconds = seconds_left,
      .grace_period_in_seconds = kGracePeriodSeconds,
      .container = program.container,
      .processing = processing_of(record)};
  if (hosts.size() > 1) ticket.host_addresses = host_addresses(grant.lease_number, hosts);
  if (request.processing_inputs) {
    for (const sm::ProcessingInput& input : *request.processing_inputs) {
      if (!*input.app_managed) ticket.channels.push_back(channel_of(input, index, hosts.size()));
    }
  }
  return ticket;
}

}  // namespace millrace::jobs
