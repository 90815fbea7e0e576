#include "platform/transform/transform_record.h"

#include <optional>

#include "core/contract/workload.h"
#include "core/json/json.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/names.h"

namespace millrace::transform {
namespace {

namespace sm = wire::sagemaker;

constexpr records::HostingKind kKind = records::HostingKind::TransformJob;

std::optional<std::string> failure_of(const TransformState& state) {
  return state.finished() && !state.failure_reason.empty() ? std::optional(state.failure_reason)
                                                           : std::nullopt;
}

}  // namespace

std::string TransformRecord::arn() const {
  return hosting::arn_of(kKind, region, account, name());
}

std::string TransformRecord::workload() const {
  return std::string(millrace::workload::kTransform) + "." + name();
}

TransformRecord record_of(const records::HostingRow& row) {
  const Json json = hosting::json_of(row);
  TransformRecord record{.account = row.account, .region = row.region, .created = row.created_at};
  from_json(json.at("request"), record.request);
  from_json(json.at("model"), record.model);
  record.state = state_from_json(json.at("state"));
  return record;
}

records::HostingRow row_of(const TransformRecord& record) {
  Json json = Json::object();
  to_json(json["request"], record.request);
  to_json(json["model"], record.model);
  json["state"] = to_json(record.state);
  return {.account = record.account,
          .name = record.name(),
          .region = record.region,
          .status = record.state.status,
          .created_at = record.created,
          .modified_at = record.state.modified,
          .document = to_text(json)};
}

sm::DescribeTransformJobResponse describe(const TransformRecord& record) {
  const sm::CreateTransformJobRequest& request = record.request;
  const TransformState& state = record.state;
  return {.transform_job_name = record.name(),
          .transform_job_arn = record.arn(),
          .transform_job_status = state.status,
          .failure_reason = failure_of(state),
          .model_name = request.model_name,
          .max_concurrent_transforms = request.max_concurrent_transforms,
          .model_client_config = request.model_client_config,
          .max_payload_in_mb = request.max_payload_in_mb,
          .batch_strategy = request.batch_strategy,
          .environment = request.environment,
          .transform_input = request.transform_input,
          .transform_output = request.transform_output,
          .transform_resources = request.transform_resources,
          .creation_time = record.created,
          .transform_start_time = state.started,
          .transform_end_time = state.ended,
          .data_processing = request.data_processing};
}

sm::TransformJobSummary summary_of(const TransformRecord& record) {
  return {.transform_job_name = record.name(),
          .transform_job_arn = record.arn(),
          .creation_time = record.created,
          .transform_end_time = record.state.ended,
          .last_modified_time = record.state.modified,
          .transform_job_status = record.state.status,
          .failure_reason = failure_of(record.state)};
}

}  // namespace millrace::transform
