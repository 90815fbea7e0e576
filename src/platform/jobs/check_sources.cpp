#include "platform/jobs/check_sources.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/jobs/check_channels.h"
#include "platform/jobs/refuse.h"
#include "platform/jobs/s3_location.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using records::FileSystemRow;
using Request = sm::CreateTrainingJobRequest;

/// How much of a manifest is looked at before its job is accepted.
constexpr std::size_t kManifestHeadBytes = 64 * 1024;

std::string member(const sm::Channel& channel, const char* name) {
  return "channel '" + channel.channel_name + "': " + name;
}

/// True for a key that names one object, or a folder and nothing beside it whose name begins alike.
bool is_whole(const ObjectLookup& objects, const S3Location& place) {
  const std::string& key = place.key;
  if (key.empty() || key.ends_with('/')) return true;
  const std::optional<std::string> first = objects.first_key(place.bucket, key, key);
  if (first == key) return true;
  // '0' follows '/': what begins with the key and is not below it as a folder lies outside.
  return first && first->starts_with(key + "/") && !objects.first_key(place.bucket, key, key + "0");
}

/// The first line of `text`, or all of it where it has one line and `whole` says that nothing is
/// missing; nullopt when the line goes on behind `text`.
std::optional<std::string_view> first_line(std::string_view text, bool whole) {
  const std::size_t end = text.find('\n');
  if (end != std::string_view::npos) return text.substr(0, end);
  return whole ? std::optional(text) : std::nullopt;
}

bool is_prefix_entry(const Json& entry) {
  return entry.is_object() && entry.contains("prefix") && entry.at("prefix").is_string();
}

/// True for text that is no JSON, or not of the form that `holds` asks for.
template <class Holds>
bool is_other_json(std::string_view text, Holds&& holds) {
  try {
    return !holds(parse_json(text, "manifest"));
  } catch (const Error&) {
    return true;
  }
}

void check_manifest(const sm::Channel& channel, const sm::S3DataSource& source,
                    const S3Location& place, const SourcePlaces& places) {
  const std::string text =
      places.objects.beginning(places.caller, place.bucket, place.key, kManifestHeadBytes);
  const bool whole = text.size() < kManifestHeadBytes;
  const std::string_view head = trim(text);
  if (source.s3_data_type == sm::S3DataType::ManifestFile) {
    const bool wrong =
        !head.starts_with('[') ||
        (whole && is_other_json(head, [](const Json& list) {
           return !list.empty() && (is_prefix_entry(list.front()) || list.front().is_string());
         }));
    if (!wrong) return;
    refuse({.where = member(channel, "S3Uri"),
            .given = source.s3_uri,
            .expected = "a manifest: a JSON list of {\"prefix\": \"s3://bucket/path/\"} and names "
                        "behind that prefix, or of full URIs",
            .fix = "Use S3DataType S3Prefix for the data themselves."});
  }
  const std::optional<std::string_view> line = first_line(head, whole);
  const bool wrong =
      !head.starts_with('{') ||
      (line && is_other_json(*line, [](const Json& json) { return json.is_object(); }));
  if (!wrong) return;
  refuse({.where = member(channel, "S3Uri"),
          .given = source.s3_uri,
          .expected = "an augmented manifest: one JSON object on every line",
          .fix = "Write each object on a line of its own."});
}

void check_s3_source(const sm::Channel& channel, const Request& request,
                     const SourcePlaces& places) {
  const sm::S3DataSource& source = *channel.data_source.s3_data_source;
  const S3Location place = parse_s3_uri(source.s3_uri, member(channel, "S3Uri"));
  const bool is_prefix = source.s3_data_type == sm::S3DataType::S3Prefix;
  const bool found = is_prefix ? places.objects.has_object(place.bucket, place.key)
                               : places.objects.has_key(place.bucket, place.key);
  if (!found)
    refuse_no_objects(source.s3_uri, place.bucket, request.role_arn, places.caller.region);
  if (!is_prefix) check_manifest(channel, source, place, places);
  if (effective_mode(channel, request) == sm::TrainingInputMode::FastFile &&
      !is_whole(places.objects, place)) {
    refuse({.where = member(channel, "S3Uri"),
            .given = source.s3_uri,
            .expected = "a whole folder or object, as input mode FastFile needs",
            .fix = "Name the folder with a '/' at its end, or use input mode File."});
  }
}

std::string registered(const std::vector<FileSystemRow>& rows) {
  if (rows.empty())
    return "There is none; 'millrace filesystems add' registers a directory of this machine.";
  std::vector<std::string> names;
  for (const FileSystemRow& row : rows) names.push_back(row.id + " (" + row.type + ")");
  return "There are: " + join(names, ", ") + ".";
}

/// Whether the directory is there and links lead nowhere outside the file system.
bool is_directory_inside(const std::filesystem::path& root,
                         const std::filesystem::path& directory) {
  std::error_code failure;
  const std::filesystem::path real_root = std::filesystem::canonical(root, failure);
  if (failure) return false;
  const std::filesystem::path real = std::filesystem::canonical(directory, failure);
  if (failure || !std::filesystem::is_directory(real, failure)) return false;
  return catalog::holds(real_root, real);
}

/// Whether the linked bucket would make the directory appear.
bool is_linked_folder(const FileSystemRow& row, const std::string& relative,
                      const ObjectLookup& objects) {
  if (!row.linked_s3_uri) return false;
  S3Location place = parse_s3_uri(*row.linked_s3_uri, "LinkedS3Uri");
  if (!place.key.empty() && !place.key.ends_with('/')) place.key += '/';
  if (!relative.empty()) place.key += relative + "/";
  return objects.has_object(place.bucket, place.key);
}

void check_file_system(const sm::Channel& channel, const SourcePlaces& places) {
  const sm::FileSystemDataSource& source = *channel.data_source.file_system_data_source;
  const std::optional<FileSystemRow> row = places.file_systems.find(source.file_system_id);
  if (!row) {
    refuse({.where = member(channel, "FileSystemId"),
            .given = source.file_system_id,
            .expected = "a registered file system",
            .fix = registered(places.file_systems.all())});
  }
  if (row->type != source.file_system_type) {
    refuse({.where = member(channel, "FileSystemType"),
            .given = source.file_system_type,
            .expected = row->type + ", which " + row->id + " is",
            .fix = registered(places.file_systems.all())});
  }
  const catalog::FileSystemPlace place =
      catalog::place_in(*row, source.directory_path, member(channel, "DirectoryPath"));
  if (is_directory_inside(row->path, place.host_path) ||
      is_linked_folder(*row, place.relative, places.objects))
    return;
  refuse({.where = member(channel, "DirectoryPath"),
          .given = source.directory_path,
          .expected = "an existing directory inside " + row->id + ", which is " + row->path,
          .fix = "Check the spelling, or make it."});
}

}  // namespace

void refuse_no_objects(const std::string& uri, const std::string& bucket, const std::string& role,
                       const std::string& region) {
  refuse("No S3 objects found under S3 URL \"" + uri +
         "\" given in input data source. Please ensure that the bucket exists in the selected "
         "region (" +
         region + "), that objects exist under that S3 prefix, and that the role \"" + role +
         "\" has \"s3:ListBucket\" permissions on bucket \"" + bucket + "\".");
}

/// The public service finds a missing bucket out after the training; nobody wants to lose a model
/// to a typing error.
void check_bucket(const std::string& uri, const std::string& where, const ObjectLookup& objects) {
  const S3Location place = parse_s3_uri(uri, where);
  if (objects.has_bucket(place.bucket)) return;
  refuse({.where = where,
          .given = uri,
          .expected = "a bucket that exists",
          .fix = "Create the bucket '" + place.bucket + "' or name another one."});
}

void check_sources(const Request& request, const SourcePlaces& places) {
  for (const sm::Channel& channel :
       request.input_data_config.value_or(std::vector<sm::Channel>{})) {
    if (channel.data_source.file_system_data_source) {
      check_file_system(channel, places);
    } else {
      check_s3_source(channel, request, places);
    }
  }
  check_bucket(request.output_data_config.s3_output_path, "OutputDataConfig.S3OutputPath",
               places.objects);
  if (request.checkpoint_config)
    check_bucket(request.checkpoint_config->s3_uri, "CheckpointConfig.S3Uri", places.objects);
}

}  // namespace millrace::jobs
