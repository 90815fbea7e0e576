#include "platform/jobs/check_request.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/catalog/instance_types.h"
#include "platform/jobs/check_channels.h"
#include "platform/jobs/hosts.h"
#include "platform/jobs/metric_regex.h"
#include "platform/jobs/refuse.h"
#include "platform/jobs/s3_location.h"
#include "platform/tags/tag_rules.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using Request = sm::CreateTrainingJobRequest;

constexpr std::int64_t kDefaultRuntimeSeconds = 24 * 3600;
constexpr std::int64_t kMaxRuntimeSeconds = 28 * 24 * 3600;
/// Each costs a supervisor, a sandbox and an address.
constexpr std::int64_t kMaxHosts = 20;
constexpr const char* kCheckpoints = "/opt/ml/checkpoints/";

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
  }
  if (request.resource_config && !request.resource_config->volume_size_in_gb)
    missing.emplace_back("resourceConfig.volumeSizeInGB");
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

/// The text of a constraint violation of a count, whose bottom is 1 in practice.
void check_count(std::int64_t count, const std::string& member) {
  if (count >= 1) return;
  refuse("1 validation error detected: Value '" + std::to_string(count) + "' at '" + member +
         "' failed to satisfy constraint: Member must have value greater than or equal to 1");
}

void check_instance_groups(const sm::ResourceConfig& resources) {
  if (resources.instance_type || resources.instance_count)
    refuse("ResourceConfig: InstanceGroups excludes InstanceType and InstanceCount.");
  if (resources.instance_groups->empty())
    refuse("ResourceConfig: InstanceGroups must have at least one group.");
  std::set<std::string> names;
  std::size_t number = 0;
  for (const sm::InstanceGroup& group : *resources.instance_groups) {
    ++number;
    if (!names.insert(group.instance_group_name).second) {
      refuse("ResourceConfig.InstanceGroups: the name '" + group.instance_group_name +
             "' is used twice.");
    }
    check_count(group.instance_count, "resourceConfig.instanceGroups." + std::to_string(number) +
                                          ".member.instanceCount");
  }
}

/// Worded as the account's limit, which SDKs know how to show.
void check_limit(const sm::ResourceConfig& resources) {
  const std::int64_t hosts = host_count(resources);
  if (hosts <= kMaxHosts) return;
  const std::string type = resources.instance_groups
                               ? resources.instance_groups->front().instance_type
                               : *resources.instance_type;
  throw Error(Blame::Customer, "ResourceLimitExceeded",
              "The account-level service limit '" + type + " for training job usage' is " +
                  std::to_string(kMaxHosts) +
                  " Instances, with current utilization of 0 Instances and a request delta of " +
                  std::to_string(hosts) +
                  " Instances. All instances of a job run on one machine: ask for fewer.");
}

void check_keep_alive(const sm::ResourceConfig& resources, bool spot) {
  if (resources.keep_alive_period_in_seconds.value_or(0) == 0) return;
  const std::string member = "ResourceConfig.KeepAlivePeriodInSeconds";
  if (spot) refuse(member + " cannot be combined with EnableManagedSpotTraining.");
  if (resources.instance_groups) refuse(member + " cannot be combined with InstanceGroups.");
  unsupported(member, "there are no warm pools. Leave it out.");
}

void check_volume_key(const sm::ResourceConfig& resources) {
  if (!given(resources.volume_kms_key_id)) return;
  for (const HostGroup& group : host_groups(resources)) {
    if (catalog::has_local_nvme(group.instance_type)) {
      refuse("ResourceConfig.VolumeKmsKeyId cannot be given for " + group.instance_type +
             ", whose volume is a local NVMe disk.");
    }
  }
  unsupported("ResourceConfig.VolumeKmsKeyId", "there are no keys here. Leave it out.");
}

void check_resources(const sm::ResourceConfig& resources, bool spot) {
  if (resources.instance_groups) {
    check_instance_groups(resources);
  } else {
    check_count(*resources.instance_count, "resourceConfig.instanceCount");
  }
  check_count(*resources.volume_size_in_gb, "resourceConfig.volumeSizeInGB");
  check_limit(resources);
  check_volume_key(resources);
  check_keep_alive(resources, spot);
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

/// The folders of the container whose content is the job's or the system's own.
constexpr std::array<std::string_view, 15> kOwnFolders{
    "/opt/ml/model", "/opt/ml/input", "/opt/ml/output/data",
    "/usr",          "/etc",          "/bin",
    "/sbin",         "/lib",          "/lib32",
    "/lib64",        "/libx32",       "/proc",
    "/dev",          "/sys",          "/run"};

/// True when one of the two paths, both absolute and normal, is the other or holds it.
bool overlap(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return left == a.end() || right == b.end();
}

void check_checkpoints(const sm::CheckpointConfig& checkpoints) {
  parse_s3_uri(checkpoints.s3_uri, "CheckpointConfig.S3Uri");
  if (!given(checkpoints.local_path)) return;
  const auto bad = [&](std::string expected) {
    refuse({.where = "CheckpointConfig.LocalPath",
            .given = *checkpoints.local_path,
            .expected = std::move(expected),
            .fix = "/opt/ml/checkpoints is the usual place."});
  };
  const std::vector<std::string_view> parts = split(*checkpoints.local_path, '/');
  if (!checkpoints.local_path->starts_with('/') ||
      std::find(parts.begin(), parts.end(), "..") != parts.end() ||
      checkpoints.local_path->find('\0') != std::string::npos)
    bad("an absolute path without '..'");
  std::filesystem::path path = std::filesystem::path(*checkpoints.local_path).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  for (const std::string_view own : kOwnFolders) {
    if (overlap(path, own)) {
      bad("a folder that is not " + std::string(own) + ", does not lie in it and does not hold it");
    }
  }
}

void check_other_members(const Request& request) {
  if (request.checkpoint_config) check_checkpoints(*request.checkpoint_config);
  if (request.enable_inter_container_traffic_encryption.value_or(false)) {
    unsupported("EnableInterContainerTrafficEncryption",
                "the hosts of a job talk over this machine's loopback interface. Leave it out.");
  }
  if (request.experiment_config) {
    unsupported("ExperimentConfig", "there are no experiments here. Leave it out.");
  }
  if (request.serverless_job_config) unsupported("ServerlessJobConfig", "give ResourceConfig.");
  if (request.mlflow_config) unsupported("MlflowConfig", "leave it out.");
  if (request.model_package_config) unsupported("ModelPackageConfig", "leave it out.");
}

}  // namespace

void check_request(const Request& request) {
  check_required(request);
  const bool spot = request.enable_managed_spot_training.value_or(false);
  check_algorithm(*request.algorithm_specification);
  check_no_nul(request);
  check_channels(request);
  check_output(request.output_data_config);
  check_resources(*request.resource_config, spot);
  check_stopping(*request.stopping_condition, spot);
  check_other_members(request);
  tags::check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
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
  if (auto& checkpoints = request.checkpoint_config; checkpoints && !given(checkpoints->local_path))
    checkpoints->local_path = kCheckpoints;
  for (auto* flag :
       {&request.enable_network_isolation, &request.enable_inter_container_traffic_encryption,
        &request.enable_managed_spot_training}) {
    if (!*flag) *flag = false;
  }
  request.tags.reset();
  return request;
}

}  // namespace millrace::jobs
