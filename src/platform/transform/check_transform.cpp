#include "platform/transform/check_transform.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/data/content_types.h"
#include "core/json/json_path.h"
#include "platform/aws/refuse.h"
#include "platform/jobs/check_sources.h"
#include "platform/jobs/s3_location.h"
#include "platform/tags/tag_rules.h"

namespace millrace::transform {
namespace {

namespace sm = wire::sagemaker;
using aws::refuse;
using aws::unsupported;
using Request = sm::CreateTransformJobRequest;

/// As published.
constexpr std::int64_t kMaxPayloadMb = 100;
constexpr std::int64_t kDefaultTimeoutSeconds = 600;
constexpr std::int64_t kDefaultRetries = 3;
/// Each costs a supervisor, a sandbox and a model's server.
constexpr std::int64_t kMaxInstances = 20;

bool given(const std::optional<std::string>& text) {
  return text && !text->empty();
}

/// What becomes a header field of every request.
void check_header(const std::optional<std::string>& value, const std::string& where) {
  if (!value) return;
  const bool printable =
      std::all_of(value->begin(), value->end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (printable) return;
  refuse({.where = where,
          .given = *value,
          .expected = "printable ASCII",
          .fix = "Name a MIME type, such as text/csv."});
}

void check_input(const sm::TransformInput& input) {
  const sm::TransformS3DataSource& source = input.data_source.s3_data_source;
  const std::string where = "TransformInput.DataSource.S3DataSource.";
  if (source.s3_data_type != sm::S3DataType::S3Prefix &&
      source.s3_data_type != sm::S3DataType::ManifestFile) {
    unsupported(where + "S3DataType " + source.s3_data_type,
                "a transform job reads the objects below a prefix (S3Prefix) or those that a "
                "manifest names (ManifestFile).");
  }
  jobs::parse_s3_uri(source.s3_uri, where + "S3Uri");
  check_header(input.content_type, "TransformInput.ContentType");
}

void check_output(const sm::TransformOutput& output) {
  jobs::parse_s3_uri(output.s3_output_path, "TransformOutput.S3OutputPath");
  check_header(output.accept, "TransformOutput.Accept");
  if (given(output.kms_key_id)) {
    unsupported("TransformOutput.KmsKeyId",
                "there are no keys here, outputs are stored as they are. Leave it out.");
  }
}

void check_resources(const sm::TransformResources& resources) {
  if (resources.instance_count > kMaxInstances) {
    throw Error(Blame::Customer, "ResourceLimitExceeded",
                "The account-level service limit '" + resources.instance_type +
                    " for transform job usage' is " + std::to_string(kMaxInstances) +
                    " Instances, with current utilization of 0 Instances and a request delta of " +
                    std::to_string(resources.instance_count) +
                    " Instances. All instances of a job run on one machine: ask for fewer.");
  }
  if (given(resources.volume_kms_key_id)) {
    unsupported("TransformResources.VolumeKmsKeyId", "there are no keys here. Leave it out.");
  }
  if (given(resources.transform_ami_version)) {
    unsupported("TransformResources.TransformAmiVersion",
                "instances are processes of this machine. Leave it out.");
  }
}

void check_sizes(const Request& request) {
  const std::int64_t payload = request.max_payload_in_mb.value_or(0);
  if (payload > kMaxPayloadMb) {
    refuse({.where = "MaxPayloadInMB",
            .given = std::to_string(payload),
            .expected = "at most " + std::to_string(kMaxPayloadMb),
            .fix = "Split the input with SplitType, or use 0: whole objects, sent in chunks."});
  }
  const std::int64_t concurrent = request.max_concurrent_transforms.value_or(0);
  if (concurrent > kMaxPayloadMb || payload * concurrent > kMaxPayloadMb) {
    refuse({.where = "MaxConcurrentTransforms * MaxPayloadInMB",
            .given = std::to_string(concurrent) + " * " + std::to_string(payload),
            .expected = "at most " + std::to_string(kMaxPayloadMb),
            .fix = "Lower one of them."});
  }
}

void check_filter(const std::optional<std::string>& filter, const std::string& member,
                  DataFormat format) {
  if (!given(filter)) return;
  const std::string where = "DataProcessing." + member;
  try {
    const JsonPath path(*filter, where);
    if (format != DataFormat::Csv || path.selects_columns()) return;
  } catch (const Error& error) {
    refuse(error.what());
  }
  refuse({.where = where,
          .given = *filter,
          .expected = "columns by number, as text/csv has no names",
          .fix = "Write $[1:], $[0,-1] or $[2]."});
}

DataFormat processed_format(const Request& request) {
  const std::string type = request.transform_input.content_type.value_or("");
  std::optional<DataFormat> format;
  try {
    format = parse_content_type(type, "TransformInput.ContentType").format;
  } catch (const Error&) {
    // Told below, with the types that can be processed.
  }
  if (format == DataFormat::Csv || format == DataFormat::JsonLines ||
      format == DataFormat::JsonDocument)
    return *format;
  refuse({.where = "TransformInput.ContentType",
          .given = type,
          .expected = "text/csv, application/json or application/jsonlines, which DataProcessing "
                      "can filter and join",
          .fix = "Set it, or leave DataProcessing out."});
}

bool same_family(DataFormat a, DataFormat b) {
  return (a == DataFormat::Csv) == (b == DataFormat::Csv);
}

void check_processing(const Request& request) {
  const DataFormat format = processed_format(request);
  check_filter(request.data_processing->input_filter, "InputFilter", format);
  check_filter(request.data_processing->output_filter, "OutputFilter", format);
  const std::string split = *request.transform_input.split_type;
  if (split != sm::SplitType::None && split != sm::SplitType::Line) {
    unsupported("DataProcessing with SplitType " + split,
                "records are filtered and joined as text. Use Line or None.");
  }
  if (split == sm::SplitType::Line &&
      *request.transform_output.assemble_with != sm::AssemblyType::Line) {
    refuse(
        "DataProcessing with SplitType Line stores one result on each line. Set "
        "TransformOutput.AssembleWith to Line.");
  }
  const bool whole =
      split == sm::SplitType::None || request.batch_strategy != sm::BatchStrategy::SingleRecord;
  if (whole && request.max_payload_in_mb == 0) {
    unsupported("DataProcessing with MaxPayloadInMB 0",
                "objects that are sent in chunks cannot be filtered. Name a limit, or send single "
                "records (SplitType Line, BatchStrategy SingleRecord).");
  }
  const std::optional<std::string>& accept = request.transform_output.accept;
  if (!given(accept)) return;
  std::optional<DataFormat> answered;
  try {
    answered = parse_content_type(*accept, "TransformOutput.Accept").format;
  } catch (const Error&) {
    // As wrong as a type that is known and cannot be joined.
  }
  const bool joins =
      answered && (*answered == DataFormat::Csv || *answered == DataFormat::JsonLines ||
                   *answered == DataFormat::JsonDocument);
  if (joins && same_family(*answered, format)) return;
  refuse({.where = "TransformOutput.Accept",
          .given = *accept,
          .expected =
              std::string(format == DataFormat::Csv ? "text/csv"
                                                    : "application/json or application/jsonlines") +
              ", the format of the records that answers are joined to",
          .fix = "Set it alike, or leave it out."});
}

}  // namespace

bool processes(const Request& request) {
  const sm::DataProcessing& processing = *request.data_processing;
  return processing.input_filter != "$" || processing.output_filter != "$" ||
         processing.join_source == sm::JoinSource::Input;
}

void check_transform(const Request& request) {
  check_input(request.transform_input);
  check_output(request.transform_output);
  check_resources(request.transform_resources);
  check_sizes(request);
  if (request.data_capture_config) {
    unsupported("DataCaptureConfig", "inputs and outputs are objects already. Leave it out.");
  }
  if (request.experiment_config)
    unsupported("ExperimentConfig", "there are no experiments here. Leave it out.");
  for (const auto& [name, value] :
       request.environment.value_or(std::map<std::string, std::string>{})) {
    if (value.find('\0') != std::string::npos) {
      refuse("Environment." + name +
             " contains a NUL byte, which no program can be given. Leave it out.");
    }
  }
  const Request whole = with_defaults(request);
  if (processes(whole)) check_processing(whole);
  tags::check_tags(request.tags.value_or(std::vector<sm::Tag>{}));
}

void check_places(const Request& request, const jobs::ObjectLookup& objects,
                  const std::string& role, const std::string& region) {
  const sm::TransformS3DataSource& source = request.transform_input.data_source.s3_data_source;
  const jobs::S3Location input =
      jobs::parse_s3_uri(source.s3_uri, "TransformInput.DataSource.S3DataSource.S3Uri");
  const bool found = source.s3_data_type == sm::S3DataType::S3Prefix
                         ? objects.has_object(input.bucket, input.key)
                         : objects.has_key(input.bucket, input.key);
  if (!found) jobs::refuse_no_objects(source.s3_uri, input.bucket, role, region);
  jobs::check_bucket(request.transform_output.s3_output_path, "TransformOutput.S3OutputPath",
                     objects);
}

Request with_defaults(Request request) {
  sm::TransformInput& input = request.transform_input;
  if (!input.compression_type) input.compression_type = sm::CompressionType::None;
  if (!input.split_type) input.split_type = sm::SplitType::None;
  sm::TransformOutput& output = request.transform_output;
  if (!output.assemble_with) output.assemble_with = sm::AssemblyType::None;
  if (!output.kms_key_id) output.kms_key_id = "";
  if (!request.data_processing) request.data_processing.emplace();
  sm::DataProcessing& processing = *request.data_processing;
  if (!given(processing.input_filter)) processing.input_filter = "$";
  if (!given(processing.output_filter)) processing.output_filter = "$";
  if (!processing.join_source) processing.join_source = sm::JoinSource::None;
  if (!request.model_client_config) request.model_client_config.emplace();
  sm::ModelClientConfig& client = *request.model_client_config;
  if (!client.invocations_timeout_in_seconds)
    client.invocations_timeout_in_seconds = kDefaultTimeoutSeconds;
  if (!client.invocations_max_retries) client.invocations_max_retries = kDefaultRetries;
  request.tags.reset();
  return request;
}

}  // namespace millrace::transform
