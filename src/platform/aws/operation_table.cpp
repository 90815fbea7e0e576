#include "platform/aws/operation_table.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "generated/aws/services.h"

namespace millrace::aws {
namespace {

Error not_supported(ErrorFamily family, const Operation& operation) {
  return unknown_operation(
      family, "operation " + std::string(operation.name) + " is not supported by Millrace");
}

/// The literal parts that the paths of a REST service begin with; none where one begins with a
/// label.
std::vector<std::string_view> first_parts(const Service& service) {
  std::vector<std::string_view> parts;
  for (const Operation& operation : service.operations) {
    const std::string_view part = split(operation.path.substr(1), '/').front();
    if (part.empty() || part.starts_with('{')) return {};
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  return parts;
}

}  // namespace

Error unknown_operation(ErrorFamily family, std::string message) {
  switch (family) {
    case ErrorFamily::S3:
    case ErrorFamily::S3Control:
      return {Blame::Customer, "NotImplemented",
              "A header or query you provided implies functionality that is not implemented: " +
                  std::move(message)};
    case ErrorFamily::Query:
      return {Blame::Customer, "InvalidAction", std::move(message)};
    default:
      return {Blame::Customer, "UnknownOperationException", std::move(message)};
  }
}

OperationTable::OperationTable() {
  for (const Service* service : wire::services()) {
    const bool rest =
        service->protocol == Protocol::RestXml || service->protocol == Protocol::RestJson;
    const std::vector<std::string_view> parts =
        rest ? first_parts(*service) : std::vector<std::string_view>();
    KnownService& known = all_.emplace_back();
    known.service = service;
    for (const Operation& operation : service->operations)
      known.operations.emplace(operation.name, &operation);
    if (rest) known.router.emplace(*service);
    if (parts.empty()) services_.emplace(service->signing_name, &known);
    for (const std::string_view part : parts) by_path_.emplace(part, &known);
  }
}

void OperationTable::bind(const Operation& operation, OperationHandler handler) {
  handlers_.insert_or_assign(&operation, std::move(handler));
}

/// Services of one family share signing names and are told apart by their paths: a runtime from the
/// service that makes what it serves, which is only ever asked at "/"; the control planes of S3,
/// whose requests name an account or an Outpost, from S3, where the same path is a bucket's.
const KnownService* OperationTable::service_of(std::string_view signing_name,
                                               const http::Request& request) const {
  constexpr std::string_view kOutposts = "s3-outposts";
  if (request.path != "/" && !request.headers.find("X-Amz-Target")) {
    const auto found = by_path_.find(split(std::string_view(request.path).substr(1), '/').front());
    if (found != by_path_.end()) {
      const Service& service = *found->second->service;
      const bool control_plane = service.protocol == Protocol::RestXml;
      const bool named =
          request.headers.find("x-amz-account-id") || request.headers.find("x-amz-outpost-id");
      if (control_plane
              ? named && (signing_name == service.signing_name || signing_name == kOutposts)
              : signing_name == service.signing_name) {
        return found->second;
      }
    }
  }
  // An access point's requests are signed for S3 on Outposts.
  const auto found =
      services_.find(signing_name == kOutposts ? std::string_view("s3") : signing_name);
  return found == services_.end() ? nullptr : found->second;
}

const Operation& OperationTable::operation_named(const KnownService& known, std::string_view name,
                                                 RequestProgress& progress) const {
  const auto found = known.operations.find(name);
  if (found == known.operations.end()) {
    throw unknown_operation(progress.family, std::string(known.service->full_name) +
                                                 " has no operation '" + printable(name, 80) + "'");
  }
  progress.operation = found->second->name;
  return *found->second;
}

const OperationHandler& OperationTable::handler_of(const Operation& operation,
                                                   const RequestProgress& progress) const {
  const auto found = handlers_.find(&operation);
  if (found == handlers_.end()) throw not_supported(progress.family, operation);
  return found->second;
}

}  // namespace millrace::aws
