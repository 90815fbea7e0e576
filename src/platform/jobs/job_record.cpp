#include "platform/jobs/job_record.h"

#include <algorithm>

#include "platform/catalog/image_name.h"
#include "platform/jobs/stored_job.h"

namespace millrace::jobs {
namespace {

/// Whole, rounded up: a job that ran at all is billed for one.
std::int64_t billed_seconds(std::chrono::milliseconds time) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(time).count());
}

/// The repository of its image.
std::string algorithm_of(const JobRecord& record) {
  const auto& spec = record.request.algorithm_specification;
  if (!spec || !spec->training_image) return {};
  return catalog::parse_image_name(*spec->training_image).repository;
}

}  // namespace

std::string training_job_arn(std::string_view region, std::string_view account,
                             std::string_view name) {
  return job_arn("training-job", region, account, name);
}

std::string JobRecord::arn() const {
  return training_job_arn(region, account, name());
}

JobRecord record_of(const records::JobRow& row) {
  return stored_job<JobRecord>(row, "training job");
}

records::JobRow row_of(const JobRecord& record) {
  return stored_row(record, algorithm_of(record));
}

std::string output_uri(const JobRecord& record) {
  std::string path = record.request.output_data_config.s3_output_path;
  while (path.ends_with('/')) path.pop_back();
  return path + "/" + record.name() + "/output";
}

wire::sagemaker::DescribeTrainingJobResponse describe(const JobRecord& record) {
  const wire::sagemaker::CreateTrainingJobRequest& request = record.request;
  const JobState& state = record.state;
  const bool compressed =
      request.output_data_config.compression_type != wire::sagemaker::OutputCompressionType::NONE;
  wire::sagemaker::DescribeTrainingJobResponse response{
      .training_job_name = record.name(),
      .training_job_arn = record.arn(),
      .model_artifacts = {.s3_model_artifacts =
                              output_uri(record) + (compressed ? "/model.tar.gz" : "/model/")},
      .training_job_status = state.status,
      .secondary_status = state.secondary,
      .hyper_parameters = request.hyper_parameters,
      .algorithm_specification = request.algorithm_specification,
      .role_arn = request.role_arn,
      .input_data_config = request.input_data_config,
      .output_data_config = request.output_data_config,
      .resource_config = request.resource_config,
      .vpc_config = request.vpc_config,
      .stopping_condition = *request.stopping_condition,
      .creation_time = record.created,
      .training_start_time = state.training_start,
      .training_end_time = state.training_end,
      .last_modified_time = state.modified,
      .enable_network_isolation = request.enable_network_isolation,
      .enable_inter_container_traffic_encryption =
          request.enable_inter_container_traffic_encryption,
      .enable_managed_spot_training = request.enable_managed_spot_training,
      .checkpoint_config = request.checkpoint_config,
      .debug_hook_config = request.debug_hook_config,
      .debug_rule_configurations = request.debug_rule_configurations,
      .tensor_board_output_config = request.tensor_board_output_config,
      .profiler_config = request.profiler_config,
      .profiler_rule_configurations = request.profiler_rule_configurations,
      .retry_strategy = request.retry_strategy,
      .environment = request.environment,
      .remote_debug_config = request.remote_debug_config,
      .infra_check_config = request.infra_check_config};
  if (!state.failure_reason.empty()) response.failure_reason = state.failure_reason;
  response.profiling_status =
      request.profiler_config && !request.profiler_config->disable_profiler.value_or(false)
          ? "Enabled"
          : "Disabled";
  if (state.training_start && state.training_end) {
    // A spot job is not billed while it has no instances.
    response.training_time_in_seconds = billed_seconds(*state.training_end - *state.training_start);
    response.billable_time_in_seconds = billed_seconds(state.trained(*state.training_end));
  }
  response.secondary_status_transitions.emplace();
  for (const Transition& transition : state.transitions) {
    response.secondary_status_transitions->push_back({.status = transition.status,
                                                      .start_time = transition.start,
                                                      .end_time = transition.end,
                                                      .status_message = transition.message});
  }
  if (!state.metrics.empty()) {
    response.final_metric_data_list.emplace();
    for (const LastMetric& metric : state.metrics) {
      response.final_metric_data_list->push_back(
          {.metric_name = metric.name, .value = metric.value, .timestamp = metric.at});
    }
  }
  return response;
}

}  // namespace millrace::jobs
