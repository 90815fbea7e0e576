#include "platform/hosting/endpoint_record.h"

#include <algorithm>

#include "core/base/text.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/names.h"

namespace millrace::hosting {
namespace {

namespace sm = wire::sagemaker;

constexpr std::size_t kMaxMessageBytes = 1024;

std::int64_t count(const Variant& variant) {
  return static_cast<std::int64_t>(variant.instances.size());
}

std::vector<sm::DeployedImage> images_of(const Variant& variant, Time deployed) {
  return {{.specified_image = variant.image,
           .resolved_image = variant.image,
           .resolution_time = deployed}};
}

/// What keeps instances from answering; one line for all of them.
std::optional<std::vector<sm::ProductionVariantStatus>> status_of(const Variant& variant,
                                                                  const char* status) {
  if (variant.healthy() == count(variant)) return std::nullopt;
  std::vector<std::string> lines;
  Time since{};
  for (const Instance& one : variant.instances) {
    if (one.phase == phase::kHealthy) continue;
    std::string line = one.host + ": " + one.phase;
    if (one.restarts > 0) line += ", " + std::to_string(one.restarts) + " restarts";
    if (!one.reason.empty()) line += ": " + one.reason;
    lines.push_back(std::move(line));
    since = std::max(since, one.since);
  }
  return {{{.status = status,
            .status_message = std::string(cut_utf8(join(lines, "; "), kMaxMessageBytes)),
            .start_time = since}}};
}

sm::ProductionVariantSummary summary_of(const Variant& variant, Time deployed, const char* status) {
  return {.variant_name = variant.name(),
          .deployed_images = images_of(variant, deployed),
          .current_weight = variant.weight,
          .desired_weight = variant.weight,
          .current_instance_count = variant.healthy(),
          .desired_instance_count = count(variant),
          .variant_status = status_of(variant, status),
          .routing_config = variant.config.routing_config};
}

sm::PendingDeploymentSummary pending_summary(const Deployment& pending) {
  sm::PendingDeploymentSummary summary{.endpoint_config_name = pending.config_name,
                                       .start_time = pending.started};
  summary.production_variants.emplace();
  for (const Variant& variant : pending.variants) {
    summary.production_variants->push_back(
        {.variant_name = variant.name(),
         .deployed_images = images_of(variant, pending.started),
         .current_weight = 0,
         .desired_weight = variant.weight,
         .current_instance_count = variant.healthy(),
         .desired_instance_count = count(variant),
         .instance_type = variant.config.instance_type,
         .variant_status = status_of(variant, sm::VariantStatus::Creating),
         .routing_config = variant.config.routing_config});
  }
  return summary;
}

}  // namespace

std::string EndpointRecord::arn() const {
  return arn_of(records::HostingKind::Endpoint, region, account, name);
}

EndpointRecord endpoint_of(const records::HostingRow& row) {
  return {.account = row.account,
          .name = row.name,
          .region = row.region,
          .created = row.created_at,
          .state = endpoint_state_from_json(json_of(row))};
}

records::HostingRow row_of(const EndpointRecord& endpoint) {
  return {.account = endpoint.account,
          .name = endpoint.name,
          .region = endpoint.region,
          .status = endpoint.state.status,
          .created_at = endpoint.created,
          .modified_at = endpoint.state.modified,
          .document = to_text(to_json(endpoint.state))};
}

sm::DescribeEndpointOutput describe(const EndpointRecord& endpoint) {
  const EndpointState& state = endpoint.state;
  sm::DescribeEndpointOutput output{.endpoint_name = endpoint.name,
                                    .endpoint_arn = endpoint.arn(),
                                    .endpoint_config_name = state.config_name,
                                    .endpoint_status = state.status,
                                    .creation_time = endpoint.created,
                                    .last_modified_time = state.modified,
                                    .last_deployment_config = state.last_how};
  if (const std::string reason = state.reason(); !reason.empty()) output.failure_reason = reason;
  const std::optional<Deployment>& shown = state.current ? state.current : state.pending;
  if (shown) {
    const char* status = state.current ? sm::VariantStatus::Updating : sm::VariantStatus::Creating;
    output.production_variants.emplace();
    for (const Variant& variant : shown->variants)
      output.production_variants->push_back(summary_of(variant, shown->started, status));
  }
  if (state.current && state.pending)
    output.pending_deployment_summary = pending_summary(*state.pending);
  return output;
}

}  // namespace millrace::hosting
