#include "platform/jobs/check_request.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/catalog/instance_types.h"
#include "platform/jobs/metric_regex.h"
#include "platform/jobs/tag_rules.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using Request = sm::CreateTrainingJobRequest;

constexpr std::int64_t kDefaultRuntimeSeconds = 24 * 3600;
constexpr std::int64_t kMaxRuntimeSeconds = 28 * 24 * 3600;

[[noreturn]] void refuse(std::string message) {
  throw Error(Blame::Customer, "ValidationException", std::move(message));
}
[[noreturn]] void refuse(const Problem& problem) {
  refuse(describe(problem));
}

/// For a member that is understood but not served here.
[[noreturn]] void unsupported(const std::string& member, const std::string& why) {
  refuse(member + " is not supported: " + why);
}

std::string quoted(const sm::Channel& channel) {
  return "channel '" + channel.channel_name + "'";
}

bool given(const std::optional<std::string>& text) {
  return text && !text->empty();
}

/// What older editions of the API require and every job needs; worded like the other missing
/// members.
void check_required(const Request& request) {
  std::vector<std::string> missing;
  if (!request.algorithm_specification) missing.emplace_back("algorithmSpecification");
  if (!request.resource_config) missing.emplace_back("resourceConfig");
  if (!request.stopping_condition) missing.emplace_back("stoppingCondition");
  if (const auto& resources = request.resource_config; resources && !resources->instance_groups) {
    if (!resources->instance_type) missing.emplace_back("resourceConfig.instanceType");
    if (!resources->instance_count) missing.emplace_back("resourceConfig.instanceCount");
    if (!resources->volume_size_in_gb) missing.emplace_back("resourceConfig.volumeSizeInGB");
  }
  if (missing.empty()) return;
  std::string text =
      std::to_string(missing.size()) +
      (missing.size() == 1 ? " validation error detected: " : " validation errors detected: ");
  for (const std::string& member : missing) {
    if (&member != &missing.front()) text += "; ";
    text += "Value null at '" + member + "' failed to satisfy constraint: Member must not be null";
  }
  refuse(text);
}

void check_algorithm(const sm::AlgorithmSpecification& algorithm) {
  if (given(algorithm.training_image) == given(algorithm.algorithm_name)) {
    refuse("AlgorithmSpecification: exactly one of TrainingImage and AlgorithmName must be given.");
  }
  if (given(algorithm.algorithm_name)) {
    unsupported("AlgorithmSpecification.AlgorithmName",
                "there are no algorithm resources here. Name a built-in algorithm or a registered "
                "image in TrainingImage.");
  }
  if (algorithm.training_image_config &&
      algorithm.training_image_config->training_repository_access_mode != "Platform") {
    unsupported(
        "AlgorithmSpecification.TrainingImageConfig",
        "images are programs of this machine and are fetched from no registry. Leave it out.");
  }
  std::set<std::string> names;
  for (const auto& metric :
       algorithm.metric_definitions.value_or(std::vector<sm::MetricDefinition>{})) {
    if (!names.insert(metric.name).second) {
      refuse("AlgorithmSpecification.MetricDefinitions: the name '" + metric.name +
             "' is used twice.");
    }
    check_metric_regex(metric.name, metric.regex);
  }
}

/// These become words of a command line or variables, where a NUL would end them.
void check_no_nul(const Request& request) {
  const auto check = [](const std::string& text, const std::string& member) {
    if (text.find('\0') != std::string::npos)
      refuse(member + " contains a NUL byte, which no program can be given. Leave it out.");
  };
  using Words = std::vector<std::string>;
  const sm::AlgorithmSpecification& algorithm = *request.algorithm_specification;
  for (const std::string& word : algorithm.container_entrypoint.value_or(Words{}))
    check(word, "AlgorithmSpecification.ContainerEntrypoint");
  for (const std::string& word : algorithm.container_arguments.value_or(Words{}))
    check(word, "AlgorithmSpecification.ContainerArguments");
  if (!request.environment) return;
  for (const auto& [name, value] : *request.environment) check(value, "Environment." + name);
}

void check_s3_source(const sm::Channel& channel, const sm::S3DataSource& source) {
  if (source.s3_data_type != sm::S3DataType::S3Prefix) {
    if (source.s3_data_type == sm::S3DataType::AugmentedManifestFile && !source.attribute_names) {
      refuse(quoted(channel) + ": S3DataType AugmentedManifestFile needs AttributeNames.");
    }
    unsupported(quoted(channel) + ": S3DataType " + source.s3_data_type, "use S3Prefix.");
  }
  if (source.attribute_names) {
    refuse(quoted(channel) +
           ": AttributeNames goes with S3DataType AugmentedManifestFile only. Leave it out.");
  }
  if (source.instance_group_names) {
    refuse(quoted(channel) +
           ": InstanceGroupNames names groups that ResourceConfig.InstanceGroups does not have.");
  }
  parse_s3_uri(source.s3_uri, quoted(channel) + ": S3Uri");
}

void check_channel(const sm::Channel& channel, const Request& request) {
  const sm::DataSource& source = channel.data_source;
  const int sources = (source.s3_data_source ? 1 : 0) + (source.file_system_data_source ? 1 : 0) +
                      (source.dataset_source ? 1 : 0);
  if (sources != 1) {
    refuse(quoted(channel) +
           ": DataSource must hold exactly one of S3DataSource, FileSystemDataSource and "
           "DatasetSource.");
  }
  const std::string mode = effective_mode(channel, request);
  if (source.file_system_data_source) {
    if (mode != sm::TrainingInputMode::File) {
      refuse(quoted(channel) + ": FileSystemDataSource goes with input mode File only, not with " +
             mode + ".");
    }
    unsupported(quoted(channel) + ": FileSystemDataSource",
                "upload the data to a bucket and use S3DataSource.");
  }
  if (source.dataset_source) unsupported(quoted(channel) + ": DatasetSource", "use S3DataSource.");
  if (channel.compression_type == sm::CompressionType::Gzip &&
      mode != sm::TrainingInputMode::Pipe) {
    refuse(quoted(channel) + ": CompressionType Gzip goes with input mode Pipe only, not with " +
           mode + ".");
  }
  if (channel.record_wrapper_type == sm::RecordWrapper::RecordIO &&
      mode != sm::TrainingInputMode::Pipe) {
    refuse(quoted(channel) +
           ": RecordWrapperType RecordIO goes with input mode Pipe only, not with " + mode + ".");
  }
  if (source.s3_data_source->s3_data_type == sm::S3DataType::AugmentedManifestFile &&
      mode != sm::TrainingInputMode::Pipe) {
    refuse(quoted(channel) +
           ": S3DataType AugmentedManifestFile goes with input mode Pipe only, not with " + mode +
           ".");
  }
  if (mode == sm::TrainingInputMode::FastFile &&
      source.s3_data_source->s3_data_type != sm::S3DataType::S3Prefix) {
    refuse(quoted(channel) + ": input mode FastFile goes with S3DataType S3Prefix only.");
  }
  check_s3_source(channel, *source.s3_data_source);
  if (mode != sm::TrainingInputMode::File)
    unsupported(quoted(channel) + ": input mode " + mode, "use File.");
}

void check_channels(const Request& request) {
  std::set<std::string> names;
  for (const sm::Channel& channel :
       request.input_data_config.value_or(std::vector<sm::Channel>{})) {
    if (!names.insert(channel.channel_name).second) {
      refuse("InputDataConfig: the channel name '" + channel.channel_name + "' is used twice.");
    }
    check_channel(channel, request);
  }
}

void check_resources(const sm::ResourceConfig& resources, bool spot) {
  if (resources.instance_groups) {
    if (resources.instance_type || resources.instance_count) {
      refuse("ResourceConfig: InstanceGroups excludes InstanceType and InstanceCount.");
    }
    unsupported("ResourceConfig.InstanceGroups",
                "a job runs on one instance. Give InstanceType and InstanceCount 1.");
  }
  if (*resources.instance_count < 1) {
    refuse("1 validation error detected: Value '" + std::to_string(*resources.instance_count) +
           "' at 'resourceConfig.instanceCount' failed to satisfy constraint: Member must have "
           "value greater than or "
           "equal to 1");
  }
  if (*resources.instance_count > 1) {
    unsupported("ResourceConfig.InstanceCount above 1", "a job runs on one instance. Set it to 1.");
  }
  if (*resources.volume_size_in_gb < 1) {
    refuse("1 validation error detected: Value '" + std::to_string(*resources.volume_size_in_gb) +
           "' at 'resourceConfig.volumeSizeInGB' failed to satisfy constraint: Member must have "
           "value greater than or "
           "equal to 1");
  }
  if (given(resources.volume_kms_key_id)) {
    if (catalog::has_local_nvme(*resources.instance_type)) {
      refuse("ResourceConfig.VolumeKmsKeyId cannot be given for " + *resources.instance_type +
             ", whose volume is a local NVMe disk.");
    }
    unsupported("ResourceConfig.VolumeKmsKeyId", "there are no keys here. Leave it out.");
  }
  if (resources.keep_alive_period_in_seconds.value_or(0) > 0) {
    if (spot)
      refuse(
          "ResourceConfig.KeepAlivePeriodInSeconds cannot be combined with "
          "EnableManagedSpotTraining.");
    unsupported("ResourceConfig.KeepAlivePeriodInSeconds",
                "there are no warm pools. Leave it out.");
  }
  if (resources.training_plan_arn)
    unsupported("ResourceConfig.TrainingPlanArn", "there are no training plans. Leave it out.");
  if (resources.instance_placement_config) {
    unsupported("ResourceConfig.InstancePlacementConfig", "there is one machine. Leave it out.");
  }
}

void check_stopping(const sm::StoppingCondition& stopping, bool spot) {
  if (stopping.max_wait_time_in_seconds && !spot) {
    refuse(
        "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set "
        "to true");
  }
  if (spot && !stopping.max_wait_time_in_seconds) {
    refuse(
        "Invalid MaxWaitTimeInSeconds. It is required when EnableManagedSpotTraining is set to "
        "true");
  }
  if (spot && *stopping.max_wait_time_in_seconds <
                  stopping.max_runtime_in_seconds.value_or(kDefaultRuntimeSeconds)) {
    refuse("Invalid MaxWaitTimeInSeconds. It must be at least MaxRuntimeInSeconds");
  }
  if (stopping.max_runtime_in_seconds.value_or(0) > kMaxRuntimeSeconds) {
    refuse("1 validation error detected: Value '" +
           std::to_string(*stopping.max_runtime_in_seconds) +
           "' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: Member must "
           "have value less than "
           "or equal to " +
           std::to_string(kMaxRuntimeSeconds));
  }
  if (stopping.max_pending_time_in_seconds) {
    unsupported("StoppingCondition.MaxPendingTimeInSeconds",
                "a job waits until there is room for it. Leave it out.");
  }
}

void check_output(const sm::OutputDataConfig& output) {
  parse_s3_uri(output.s3_output_path, "OutputDataConfig.S3OutputPath");
  if (given(output.kms_key_id)) {
    unsupported("OutputDataConfig.KmsKeyId",
                "there are no keys here, artifacts are stored as they are. Leave it out.");
  }
}

void check_other_members(const Request& request, bool spot) {
  if (spot) {
    unsupported("EnableManagedSpotTraining",
                "instances of this machine are not taken away. Leave it out.");
  }
  if (request.checkpoint_config) {
    unsupported("CheckpointConfig", "checkpoints are not mirrored to a bucket. Leave it out.");
  }
  if (request.enable_inter_container_traffic_encryption.value_or(false)) {
    unsupported("EnableInterContainerTrafficEncryption",
                "a job runs in one container. Leave it out.");
  }
  if (request.experiment_config) {
    unsupported("ExperimentConfig", "there are no experiments here. Leave it out.");
  }
  if (request.serverless_job_config) unsupported("ServerlessJobConfig", "give ResourceConfig.");
  if (request.mlflow_config) unsupported("MlflowConfig", "leave it out.");
  if (request.model_package_config) unsupported("ModelPackageConfig", "leave it out.");
}

}  // namespace

std::string effective_mode(const sm::Channel& channel, const Request& request) {
  return channel.input_mode.value_or(request.algorithm_specification->training_input_mode);
}

S3Location parse_s3_uri(const std::string& uri, const std::string& where) {
  constexpr std::string_view kScheme = "s3://";
  if (!uri.starts_with(kScheme)) {
    refuse({.where = where,
            .given = uri,
            .expected = "a URI of the form s3://bucket/key",
            .fix = "Use the s3:// form."});
  }
  const std::string rest = uri.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string::npos) return {.bucket = rest, .key = {}};
  return {.bucket = rest.substr(0, slash), .key = rest.substr(slash + 1)};
}

void check_request(const Request& request) {
  check_required(request);
  const bool spot = request.enable_managed_spot_training.value_or(false);
  check_algorithm(*request.algorithm_specification);
  check_no_nul(request);
  check_channels(request);
  check_output(request.output_data_config);
  check_resources(*request.resource_config, spot);
  check_stopping(*request.stopping_condition, spot);
  check_other_members(request, spot);
  check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
}

Request with_defaults(Request request) {
  sm::AlgorithmSpecification& algorithm = *request.algorithm_specification;
  if (!algorithm.enable_sage_maker_metrics_time_series) {
    algorithm.enable_sage_maker_metrics_time_series =
        algorithm.metric_definitions && !algorithm.metric_definitions->empty();
  }
  if (request.input_data_config) {
    for (sm::Channel& channel : *request.input_data_config) {
      if (!channel.compression_type) channel.compression_type = sm::CompressionType::None;
      if (!channel.record_wrapper_type) channel.record_wrapper_type = sm::RecordWrapper::None;
      auto& source = channel.data_source.s3_data_source;
      if (source && !source->s3_data_distribution_type) {
        source->s3_data_distribution_type = sm::S3DataDistribution::FullyReplicated;
      }
    }
  }
  if (!request.output_data_config.kms_key_id) request.output_data_config.kms_key_id = "";
  if (!request.output_data_config.compression_type) {
    request.output_data_config.compression_type = sm::OutputCompressionType::GZIP;
  }
  if (!request.stopping_condition->max_runtime_in_seconds) {
    request.stopping_condition->max_runtime_in_seconds = kDefaultRuntimeSeconds;
  }
  for (auto* flag :
       {&request.enable_network_isolation, &request.enable_inter_container_traffic_encryption,
        &request.enable_managed_spot_training}) {
    if (!*flag) *flag = false;
  }
  request.tags.reset();
  return request;
}

}  // namespace millrace::jobs
