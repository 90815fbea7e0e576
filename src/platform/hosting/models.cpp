#include "platform/hosting/models.h"

#include "platform/aws/access.h"
#include "platform/hosting/documents.h"
#include "platform/hosting/listing.h"
#include "platform/hosting/names.h"
#include "platform/tags/tags.h"

namespace millrace::hosting {
namespace {

namespace sm = wire::sagemaker;
using records::Connection;
using records::HostingKind;

constexpr HostingKind kKind = HostingKind::Model;

}  // namespace

sm::CreateModelOutput Models::create(const sm::CreateModelInput& request,
                                     const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:CreateModel");
  check_model(request, {.programs = programs_, .images = images_, .objects = objects_});
  const Time at = now();
  const records::HostingRow row{.account = caller.account,
                                .name = request.model_name,
                                .region = caller.region,
                                .status = {},
                                .created_at = at,
                                .modified_at = at,
                                .document = document_of(request)};
  const std::string arn = hosting::arn_of(kKind, row);
  database_.write([&](Connection& transaction) {
    insert_or_refuse(transaction, kKind, row);
    tags::Tags::put(transaction, row.account, arn, request.tags);
  });
  return {.model_arn = arn};
}

sm::DescribeModelOutput Models::describe(const sm::DescribeModelInput& request,
                                         const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DescribeModel");
  const records::HostingRow row = database_.read([&](Connection& connection) {
    return found_or_refused(connection, kKind, caller.account, caller.region, request.model_name);
  });
  const auto model = request_of<sm::CreateModelInput>(row);
  return {.model_name = model.model_name,
          .primary_container = model.primary_container,
          .containers = model.containers,
          .inference_execution_config = model.inference_execution_config,
          .execution_role_arn = model.execution_role_arn,
          .vpc_config = model.vpc_config,
          .creation_time = row.created_at,
          .model_arn = hosting::arn_of(kKind, row),
          .enable_network_isolation = model.enable_network_isolation.value_or(false)};
}

sm::ListModelsOutput Models::list(const sm::ListModelsInput& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:ListModels");
  const Page page = database_.read(
      [&](Connection& connection) { return page_of(connection, kKind, caller.account, request); });
  sm::ListModelsOutput response{.next_token = page.next_token};
  for (const records::HostingRow& row : page.rows) {
    response.models.push_back({.model_name = row.name,
                               .model_arn = hosting::arn_of(kKind, row),
                               .creation_time = row.created_at});
  }
  return response;
}

wire::Empty Models::remove(const sm::DeleteModelInput& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DeleteModel");
  database_.write([&](Connection& transaction) {
    const records::HostingRow row =
        found_or_refused(transaction, kKind, caller.account, caller.region, request.model_name);
    records::HostingTable(transaction, kKind).erase(row.account, row.name);
    tags::Tags::forget(transaction, row.account, hosting::arn_of(kKind, row));
  });
  return {};
}

std::optional<std::string> Models::arn_of(Connection& connection, const std::string& account,
                                          const std::string& name) {
  const auto row = records::HostingTable(connection, kKind).find(account, name);
  return row ? std::optional(hosting::arn_of(kKind, *row)) : std::nullopt;
}

}  // namespace millrace::hosting
