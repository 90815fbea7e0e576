#include "platform/jobs/check_processing.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/s3_location.h"
#include "platform/jobs/check_places.h"
#include "platform/jobs/refuse.h"
#include "platform/tags/tag_rules.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using Request = sm::CreateProcessingJobRequest;

constexpr const char* kRoot = "/opt/ml/processing";
constexpr std::int64_t kDefaultRuntimeSeconds = 24 * 3600;
/// Each costs a supervisor, a sandbox and an address.
constexpr std::int64_t kMaxHosts = 20;
constexpr std::size_t kMaxNameBytes = 200;

std::vector<sm::ProcessingInput> inputs_of(const Request& request) {
  return request.processing_inputs.value_or(std::vector<sm::ProcessingInput>{});
}

std::vector<sm::ProcessingOutput> outputs_of(const Request& request) {
  if (!request.processing_output_config) return {};
  return request.processing_output_config->outputs;
}

/// Both are files below directories of ours as well as places of the container.
void check_local_path(const std::string& where, const std::optional<std::string>& path) {
  if (!path || path->empty()) {
    refuse({.where = where,
            .given = {},
            .expected = std::string("a directory below ") + kRoot,
            .fix = std::string("Use ") + kRoot + "/input or " + kRoot + "/output."});
  }
  const std::filesystem::path normal = std::filesystem::path(*path).lexically_normal();
  const bool has_nul = path->find('\0') != std::string::npos;
  const std::filesystem::path below = normal.lexically_relative(kRoot);
  const std::vector<std::string_view> parts = split(*path, '/');
  const bool climbs = std::find(parts.begin(), parts.end(), "..") != parts.end();
  const bool is_below = !below.empty() && *below.begin() != ".." && *below.begin() != ".";
  if (path->starts_with('/') && !climbs && !has_nul && is_below) return;
  refuse({.where = where,
          .given = *path,
          .expected = std::string("an absolute path below ") + kRoot + ", without '..'",
          .fix = {}});
}

/// No two of them may be one directory: whatever is put there last would hide the other.
class LocalPaths {
 public:
  void add(const std::string& owner, const std::string& path) {
    const std::string place = (std::filesystem::path(path) / "").lexically_normal().string();
    const auto [known, is_new] = owners_.try_emplace(place, owner);
    if (is_new) return;
    refuse({.where = owner + ": LocalPath",
            .given = path,
            .expected = "a directory of its own, not that of " + known->second,
            .fix = "Use another path for one of them."});
  }

 private:
  std::map<std::string, std::string> owners_;
};

void check_name(const std::string& where, const std::string& name, std::set<std::string>& names) {
  if (name.empty() || name == "." || name == ".." || name.size() > kMaxNameBytes ||
      name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
    refuse({.where = where,
            .given = name,
            .expected = "a name of at most " + std::to_string(kMaxNameBytes) +
                        " bytes that could be a file's",
            .fix = {}});
  }
  if (!names.insert(name).second) refuse(where + ": the name '" + name + "' is used twice.");
}

void check_input(const sm::ProcessingInput& input, std::set<std::string>& names,
                 LocalPaths& paths) {
  check_name("ProcessingInputs.InputName", input.input_name, names);
  const std::string at = "input '" + input.input_name + "': ";
  if (input.dataset_definition) {
    unsupported(at + "DatasetDefinition",
                "there is neither Athena nor Redshift. Use S3Input for the data themselves.");
  }
  if (!input.s3_input) refuse(at + "S3Input is missing.");
  const sm::ProcessingS3Input& source = *input.s3_input;
  if (source.s3_input_mode.value_or("File") != "File")
    unsupported(at + "S3InputMode " + *source.s3_input_mode, "use File.");
  if (source.s3_compression_type.value_or("None") != "None") {
    unsupported(at + "S3CompressionType " + *source.s3_compression_type,
                "it goes with S3InputMode Pipe. Leave it out.");
  }
  if (input.app_managed.value_or(false)) return;
  check_local_path(at + "LocalPath", source.local_path);
  paths.add("input '" + input.input_name + "'", *source.local_path);
  const aws::S3Location place = aws::parse_s3_uri(source.s3_uri, at + "S3Uri");
  if (source.s3_data_type == "ManifestFile" && (place.key.empty() || place.key.ends_with('/'))) {
    refuse({.where = at + "S3Uri",
            .given = source.s3_uri,
            .expected = "the URI of a manifest, which is an object",
            .fix = {}});
  }
}

void check_output(const sm::ProcessingOutput& output, std::set<std::string>& names,
                  LocalPaths& paths) {
  check_name("ProcessingOutputConfig.OutputName", output.output_name, names);
  const std::string at = "output '" + output.output_name + "': ";
  if (output.feature_store_output)
    unsupported(at + "FeatureStoreOutput", "there is no feature store. Use S3Output.");
  if (!output.s3_output) refuse(at + "S3Output is missing.");
  aws::parse_s3_uri(output.s3_output->s3_uri, at + "S3Uri");
  if (output.app_managed.value_or(false)) return;
  check_local_path(at + "LocalPath", output.s3_output->local_path);
  paths.add("output '" + output.output_name + "'", *output.s3_output->local_path);
}

void check_cluster(const sm::ProcessingClusterConfig& cluster) {
  if (cluster.volume_kms_key_id && !cluster.volume_kms_key_id->empty()) {
    unsupported("ProcessingResources.ClusterConfig.VolumeKmsKeyId",
                "there are no keys here. Leave it out.");
  }
  if (cluster.instance_count <= kMaxHosts) return;
  throw Error(Blame::Customer, "ResourceLimitExceeded",
              "The account-level service limit '" + cluster.instance_type +
                  " for processing job usage' is " + std::to_string(kMaxHosts) +
                  " Instances, with current utilization of 0 Instances and a request delta of " +
                  std::to_string(cluster.instance_count) +
                  " Instances. All instances of a job run on one machine: ask for fewer.");
}

/// These become words of a command line or variables, where a NUL would end them.
void check_no_nul(const Request& request) {
  const auto check = [](const std::string& text, const std::string& member) {
    if (text.find('\0') != std::string::npos)
      refuse(member + " contains a NUL byte, which no program can be given. Leave it out.");
  };
  using Words = std::vector<std::string>;
  const sm::AppSpecification& app = request.app_specification;
  for (const std::string& word : app.container_entrypoint.value_or(Words{}))
    check(word, "AppSpecification.ContainerEntrypoint");
  for (const std::string& word : app.container_arguments.value_or(Words{}))
    check(word, "AppSpecification.ContainerArguments");
  if (!request.environment) return;
  for (const auto& [name, value] : *request.environment) check(value, "Environment." + name);
}

}  // namespace

void check_processing(const Request& request) {
  check_no_nul(request);
  std::set<std::string> names;
  LocalPaths paths;
  for (const sm::ProcessingInput& input : inputs_of(request)) check_input(input, names, paths);
  names.clear();
  for (const sm::ProcessingOutput& output : outputs_of(request)) check_output(output, names, paths);
  if (const auto& outputs = request.processing_output_config;
      outputs && outputs->kms_key_id && !outputs->kms_key_id->empty()) {
    unsupported("ProcessingOutputConfig.KmsKeyId",
                "there are no keys here, outputs are stored as they are. Leave it out.");
  }
  check_cluster(request.processing_resources.cluster_config);
  if (const auto& network = request.network_config;
      network && network->enable_inter_container_traffic_encryption.value_or(false)) {
    unsupported("NetworkConfig.EnableInterContainerTrafficEncryption",
                "the hosts of a job talk over this machine's loopback interface. Leave it out.");
  }
  if (request.experiment_config)
    unsupported("ExperimentConfig", "there are no experiments here. Leave it out.");
  tags::check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
}

void check_processing_places(const Request& request, const ObjectLookup& objects,
                             const aws::Caller& caller) {
  for (const sm::ProcessingInput& input : inputs_of(request)) {
    if (input.app_managed.value_or(false)) continue;
    check_objects({.where = "input '" + input.input_name + "': S3Uri",
                   .uri = input.s3_input->s3_uri,
                   .data_type = input.s3_input->s3_data_type,
                   .role_arn = request.role_arn},
                  objects, caller);
  }
  for (const sm::ProcessingOutput& output : outputs_of(request)) {
    check_bucket(output.s3_output->s3_uri, "output '" + output.output_name + "': S3Uri", objects);
  }
}

Request with_processing_defaults(Request request) {
  if (request.processing_inputs) {
    for (sm::ProcessingInput& input : *request.processing_inputs) {
      if (!input.app_managed) input.app_managed = false;
      if (!input.s3_input->s3_input_mode) input.s3_input->s3_input_mode = "File";
      if (!input.s3_input->s3_data_distribution_type)
        input.s3_input->s3_data_distribution_type = "FullyReplicated";
      if (!input.s3_input->s3_compression_type) input.s3_input->s3_compression_type = "None";
    }
  }
  if (request.processing_output_config) {
    for (sm::ProcessingOutput& output : request.processing_output_config->outputs) {
      if (!output.app_managed) output.app_managed = false;
    }
  }
  if (!request.stopping_condition)
    request.stopping_condition =
        sm::ProcessingStoppingCondition{.max_runtime_in_seconds = kDefaultRuntimeSeconds};
  request.tags.reset();
  return request;
}

}  // namespace millrace::jobs
