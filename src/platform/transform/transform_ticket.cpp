#include "platform/transform/transform_ticket.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "platform/hosting/server_ticket.h"
#include "platform/transform/check_transform.h"

namespace millrace::transform {
namespace {

namespace control = wire::control;
namespace sm = wire::sagemaker;

/// What a container of batch transform finds beside its model's variables. The last three come from
/// the request and are missing where that is silent.
/// Source: Amazon SageMaker Developer Guide, "Use Your Own Inference Code with Batch Transform".
std::map<std::string, std::string> environment_of(const TransformRecord& job) {
  const sm::CreateTransformJobRequest& request = job.request;
  std::map<std::string, std::string> variables{{"SAGEMAKER_BATCH", "true"},
                                               {"TRANSFORM_JOB_ARN", job.arn()}};
  if (request.max_payload_in_mb)
    variables["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = std::to_string(*request.max_payload_in_mb);
  if (request.batch_strategy) {
    variables["SAGEMAKER_BATCH_STRATEGY"] =
        *request.batch_strategy == sm::BatchStrategy::MultiRecord ? "MULTI_RECORD"
                                                                  : "SINGLE_RECORD";
  }
  if (request.max_concurrent_transforms) {
    variables["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] =
        std::to_string(*request.max_concurrent_transforms);
  }
  std::map<std::string, std::string> all =
      request.environment.value_or(std::map<std::string, std::string>{});
  all.insert(variables.begin(), variables.end());
  return all;
}

}  // namespace

control::TransformTicket ticket_of(const TransformTicketSource& source) {
  const TransformRecord& job = source.job;
  const sm::CreateTransformJobRequest& request = job.request;
  const std::vector<Host>& hosts = job.state.hosts;
  const auto index = static_cast<std::size_t>(
      std::find_if(hosts.begin(), hosts.end(),
                   [&](const Host& one) { return one.name == source.host.name; }) -
      hosts.begin());
  const std::vector<std::string> types(hosts.size(), request.transform_resources.instance_type);
  const bool isolated = job.model.enable_network_isolation.value_or(false);
  const sm::TransformS3DataSource& from = request.transform_input.data_source.s3_data_source;
  control::TransformTicket ticket{
      .server = hosting::server_ticket(
          hosting::ModelServer{.workload = job.workload(),
                               .host = source.host.name,
                               .region = job.region,
                               .model = job.model,
                               .environment = environment_of(job),
                               .program = source.program,
                               .limits = catalog::shares_of(types, source.machine).at(index),
                               .machine = source.machine,
                               .access = isolated ? std::nullopt : std::optional(source.access),
                               .log_group = kTransformLogGroup,
                               .log_stream = source.host.log_stream}),
      .job_arn = job.arn(),
      .source = {.s3_data_type = from.s3_data_type,
                 .s3_uri = from.s3_uri,
                 .s3_data_distribution_type = sm::S3DataDistribution::ShardedByS3Key,
                 .shard = static_cast<std::int64_t>(index),
                 .shards = static_cast<std::int64_t>(hosts.size())},
      .content_type = request.transform_input.content_type,
      .compressed = request.transform_input.compression_type == sm::CompressionType::Gzip,
      .split_type = *request.transform_input.split_type,
      .accept = request.transform_output.accept,
      .assemble_with = *request.transform_output.assemble_with,
      .output_s3_uri = request.transform_output.s3_output_path,
      .batch_strategy = request.batch_strategy,
      .max_payload_in_mb = request.max_payload_in_mb,
      .max_concurrent_transforms = request.max_concurrent_transforms,
      .invocation_timeout_in_seconds = *request.model_client_config->invocations_timeout_in_seconds,
      .invocation_max_retries = *request.model_client_config->invocations_max_retries,
      .data_log_stream = source.host.log_stream + "/data-log",
      .resumed = source.host.resumed};
  if (processes(request)) {
    ticket.processing = control::TransformProcessing{
        .input_filter = *request.data_processing->input_filter,
        .output_filter = *request.data_processing->output_filter,
        .join_input = request.data_processing->join_source == sm::JoinSource::Input};
  }
  return ticket;
}

}  // namespace millrace::transform
