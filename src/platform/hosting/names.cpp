#include "platform/hosting/names.h"

#include "core/base/arn.h"
#include "core/base/text.h"
#include "core/contract/workload.h"
#include "platform/aws/refuse.h"

namespace millrace::hosting {
namespace {

using records::HostingKind;

struct Words {
  const char* arn;
  const char* message;
};

Words words_of(HostingKind kind) {
  switch (kind) {
    case HostingKind::Model:
      return {.arn = "model", .message = "model"};
    case HostingKind::EndpointConfig:
      return {.arn = "endpoint-config", .message = "endpoint configuration"};
    case HostingKind::TransformJob:
      return {.arn = "transform-job", .message = "transform job"};
    case HostingKind::Endpoint:
      break;
  }
  return {.arn = "endpoint", .message = "endpoint"};
}

}  // namespace

std::string arn_of(HostingKind kind, std::string_view region, std::string_view account,
                   std::string_view name) {
  return Arn{.service = "sagemaker",
             .region = std::string(region),
             .account = std::string(account),
             .resource = std::string(words_of(kind).arn) + "/" + to_lower(name)}
      .text();
}

std::string arn_of(HostingKind kind, const records::HostingRow& row) {
  return arn_of(kind, row.region, row.account, row.name);
}

records::HostingRow found_or_refused(records::Connection& connection, HostingKind kind,
                                     const std::string& account, const std::string& region,
                                     const std::string& name) {
  std::optional<records::HostingRow> row =
      records::HostingTable(connection, kind).find(account, name);
  if (!row) {
    aws::refuse("Could not find " + std::string(words_of(kind).message) + " \"" +
                arn_of(kind, region, account, name) + "\".");
  }
  return *std::move(row);
}

void insert_or_refuse(records::Connection& transaction, HostingKind kind,
                      const records::HostingRow& row) {
  records::HostingTable table(transaction, kind);
  if (table.insert(row)) return;
  const std::optional<records::HostingRow> taken = table.find(row.account, row.name);
  aws::refuse("Cannot create already existing " + std::string(words_of(kind).message) + " \"" +
              arn_of(kind, taken.value_or(row)) + "\".");
}

std::string ServerWorkload::text() const {
  return std::string(workload::kEndpoint) + "." + endpoint + "." + variant + "." +
         std::to_string(generation);
}

std::optional<ServerWorkload> parse_workload(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4 || parts[0] != workload::kEndpoint) return std::nullopt;
  const std::optional<std::int64_t> generation = parse_int(parts[3]);
  if (!generation) return std::nullopt;
  return ServerWorkload{.endpoint = std::string(parts[1]),
                        .variant = std::string(parts[2]),
                        .generation = *generation};
}

std::string log_group(std::string_view endpoint) {
  return "/aws/sagemaker/Endpoints/" + std::string(endpoint);
}

}  // namespace millrace::hosting
