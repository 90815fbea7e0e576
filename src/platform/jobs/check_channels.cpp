#include "platform/jobs/check_channels.h"

#include <algorithm>
#include <set>
#include <vector>

#include "platform/aws/s3_location.h"
#include "platform/jobs/refuse.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using Mode = sm::TrainingInputMode;
using Type = sm::S3DataType;
using Request = sm::CreateTrainingJobRequest;

/// "channel 'train': " before every refusal.
std::string at(const sm::Channel& channel) {
  return "channel '" + channel.channel_name + "': ";
}

void only_with(const sm::Channel& channel, const std::string& what, const char* needed,
               const std::string& mode) {
  if (mode == needed) return;
  refuse(at(channel) + what + " goes with input mode " + needed + " only, not with " + mode + ".");
}

void check_groups(const sm::Channel& channel, const sm::S3DataSource& source,
                  const sm::ResourceConfig& resources) {
  if (!source.instance_group_names) return;
  for (const std::string& name : *source.instance_group_names) {
    const auto groups = resources.instance_groups.value_or(std::vector<sm::InstanceGroup>{});
    const bool known = std::any_of(
        groups.begin(), groups.end(),
        [&](const sm::InstanceGroup& group) { return group.instance_group_name == name; });
    if (!known) {
      refuse(at(channel) + "InstanceGroupNames names '" + name +
             "', which is no group of ResourceConfig.InstanceGroups.");
    }
  }
}

void check_s3_source(const sm::Channel& channel, const sm::S3DataSource& source,
                     const std::string& mode, const sm::ResourceConfig& resources) {
  const bool augmented = source.s3_data_type == Type::AugmentedManifestFile;
  if (!augmented && source.s3_data_type != Type::S3Prefix &&
      source.s3_data_type != Type::ManifestFile) {
    unsupported(at(channel) + "S3DataType " + source.s3_data_type,
                "use S3Prefix, ManifestFile or AugmentedManifestFile.");
  }
  if (augmented) only_with(channel, "S3DataType AugmentedManifestFile", Mode::Pipe, mode);
  if (mode == Mode::FastFile && source.s3_data_type != Type::S3Prefix)
    refuse(at(channel) + "input mode FastFile goes with S3DataType S3Prefix only.");
  const bool named = source.attribute_names && !source.attribute_names->empty();
  if (augmented && !named)
    refuse(at(channel) + "S3DataType AugmentedManifestFile needs AttributeNames.");
  if (!augmented && source.attribute_names) {
    refuse(at(channel) +
           "AttributeNames goes with S3DataType AugmentedManifestFile only. Leave it out.");
  }
  check_groups(channel, source, resources);
  const aws::S3Location place = aws::parse_s3_uri(source.s3_uri, at(channel) + "S3Uri");
  if (source.s3_data_type != Type::S3Prefix && (place.key.empty() || place.key.ends_with('/'))) {
    refuse({.where = at(channel) + "S3Uri",
            .given = source.s3_uri,
            .expected = "the URI of a manifest, which is an object",
            .fix = {}});
  }
}

/// Names become files below input/data: the published pattern also allows those that mean a
/// directory.
void check_name(const sm::Channel& channel) {
  if (channel.channel_name == "." || channel.channel_name == "..")
    refuse(at(channel) + "the name would lead out of input/data. Choose another.");
}

/// The FIFOs of a Pipe channel are called <channel>_<epoch>.
void check_fifo_names(const std::vector<sm::Channel>& channels, const Request& request) {
  for (const sm::Channel& pipe : channels) {
    if (effective_mode(pipe, request) != Mode::Pipe) continue;
    const std::string prefix = pipe.channel_name + "_";
    for (const sm::Channel& other : channels) {
      const std::string& name = other.channel_name;
      if (name.size() > prefix.size() && name.starts_with(prefix) &&
          name.find_first_not_of("0123456789", prefix.size()) == std::string::npos) {
        refuse(at(other) + "the name is that of a FIFO of the Pipe channel '" + pipe.channel_name +
               "'. Choose another.");
      }
    }
  }
}

void check_channel(const sm::Channel& channel, const Request& request) {
  check_name(channel);
  const sm::DataSource& source = channel.data_source;
  const int sources = (source.s3_data_source ? 1 : 0) + (source.file_system_data_source ? 1 : 0) +
                      (source.dataset_source ? 1 : 0);
  if (sources != 1) {
    refuse(at(channel) +
           "DataSource must hold exactly one of S3DataSource, FileSystemDataSource and "
           "DatasetSource.");
  }
  const std::string mode = effective_mode(channel, request);
  if (source.dataset_source) unsupported(at(channel) + "DatasetSource", "use S3DataSource.");
  if (source.file_system_data_source) only_with(channel, "FileSystemDataSource", Mode::File, mode);
  if (channel.compression_type == sm::CompressionType::Gzip)
    only_with(channel, "CompressionType Gzip", Mode::Pipe, mode);
  if (channel.record_wrapper_type == sm::RecordWrapper::RecordIO)
    only_with(channel, "RecordWrapperType RecordIO", Mode::Pipe, mode);
  if (source.s3_data_source)
    check_s3_source(channel, *source.s3_data_source, mode, *request.resource_config);
}

}  // namespace

std::string effective_mode(const sm::Channel& channel, const Request& request) {
  return channel.input_mode.value_or(request.algorithm_specification->training_input_mode);
}

void check_channels(const Request& request) {
  const std::vector<sm::Channel> channels =
      request.input_data_config.value_or(std::vector<sm::Channel>{});
  std::set<std::string> names;
  for (const sm::Channel& channel : channels) {
    if (!names.insert(channel.channel_name).second)
      refuse("InputDataConfig: the channel name '" + channel.channel_name + "' is used twice.");
    check_channel(channel, request);
  }
  check_fifo_names(channels, request);
}

}  // namespace millrace::jobs
