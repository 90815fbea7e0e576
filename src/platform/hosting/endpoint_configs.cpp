#include "platform/hosting/endpoint_configs.h"

#include "platform/aws/access.h"
#include "platform/hosting/check_config.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/listing.h"
#include "platform/hosting/names.h"
#include "platform/tags/tags.h"

namespace millrace::hosting {
namespace {

namespace sm = wire::sagemaker;
using records::Connection;
using records::HostingKind;

constexpr HostingKind kKind = HostingKind::EndpointConfig;

}  // namespace

sm::CreateEndpointConfigOutput EndpointConfigs::create(const sm::CreateEndpointConfigInput& request,
                                                       const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateEndpointConfig");
  check_config(request);
  sm::CreateEndpointConfigInput config = request;
  for (sm::ProductionVariant& variant : config.production_variants) {
    if (!variant.initial_variant_weight) variant.initial_variant_weight = 1;
  }
  const Time at = now();
  const records::HostingRow row{.account = caller.account,
                                .name = config.endpoint_config_name,
                                .region = caller.region,
                                .status = {},
                                .created_at = at,
                                .modified_at = at,
                                .document = document_of(config)};
  const std::string arn = hosting::arn_of(kKind, row);
  database_.write([&](Connection& transaction) {
    for (const sm::ProductionVariant& variant : config.production_variants) {
      found_or_refused(transaction, HostingKind::Model, caller.account, caller.region,
                       *variant.model_name);
    }
    insert_or_refuse(transaction, kKind, row);
    tags::Tags::put(transaction, row.account, arn, config.tags);
  });
  return {.endpoint_config_arn = arn};
}

sm::DescribeEndpointConfigOutput EndpointConfigs::describe(
    const sm::DescribeEndpointConfigInput& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DescribeEndpointConfig");
  const records::HostingRow row = database_.read([&](Connection& connection) {
    return found_or_refused(connection, kKind, caller.account, caller.region,
                            request.endpoint_config_name);
  });
  const auto config = request_of<sm::CreateEndpointConfigInput>(row);
  return {.endpoint_config_name = config.endpoint_config_name,
          .endpoint_config_arn = hosting::arn_of(kKind, row),
          .production_variants = config.production_variants,
          .data_capture_config = config.data_capture_config,
          .kms_key_id = config.kms_key_id,
          .creation_time = row.created_at,
          .execution_role_arn = config.execution_role_arn,
          .vpc_config = config.vpc_config,
          .enable_network_isolation = config.enable_network_isolation};
}

sm::ListEndpointConfigsOutput EndpointConfigs::list(const sm::ListEndpointConfigsInput& request,
                                                    const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListEndpointConfigs");
  const Page page = database_.read(
      [&](Connection& connection) { return page_of(connection, kKind, caller.account, request); });
  sm::ListEndpointConfigsOutput response{.next_token = page.next_token};
  for (const records::HostingRow& row : page.rows) {
    response.endpoint_configs.push_back({.endpoint_config_name = row.name,
                                         .endpoint_config_arn = hosting::arn_of(kKind, row),
                                         .creation_time = row.created_at});
  }
  return response;
}

wire::Empty EndpointConfigs::remove(const sm::DeleteEndpointConfigInput& request,
                                    const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DeleteEndpointConfig");
  database_.write([&](Connection& transaction) {
    const records::HostingRow row = found_or_refused(transaction, kKind, caller.account,
                                                     caller.region, request.endpoint_config_name);
    records::HostingTable(transaction, kKind).erase(row.account, row.name);
    tags::Tags::forget(transaction, row.account, hosting::arn_of(kKind, row));
  });
  return {};
}

std::optional<std::string> EndpointConfigs::arn_of(Connection& connection,
                                                   const std::string& account,
                                                   const std::string& name) {
  const auto row = records::HostingTable(connection, kKind).find(account, name);
  return row ? std::optional(hosting::arn_of(kKind, *row)) : std::nullopt;
}

}  // namespace millrace::hosting
