#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/answering.h"
#include "platform/aws/checked_payload.h"
#include "platform/aws/hoisted_headers.h"
#include "platform/aws/object_checksum.h"
#include "platform/aws/parameters.h"
#include "platform/aws/rest_xml.h"

namespace millrace::aws {
namespace {

/// "?policyStatus", "?abac": a newer S3 names what it means by a bare parameter. Taking such a
/// request for the plain operation of its method could delete a bucket where a setting was meant.
void refuse_unknown_subresource(const Operation& operation, const http::Request& request,
                                const Parameters& query) {
  if (request.method == "GET" || request.method == "HEAD" || !operation.fixed_query.empty()) return;
  for (const auto& [name, value] : query) {
    const auto known = [&name = name](const Member& member) {
      return member.location == Location::Query && member.wire_name == name;
    };
    const bool bare =
        value.empty() && operation.input != nullptr &&
        std::none_of(operation.input->members.begin(), operation.input->members.end(), known);
    if (bare)
      throw unknown_operation(ErrorFamily::S3, "sub-resource '" + printable(name, 60) + "'");
  }
}

bool has_object_checksum(const Operation& operation, const http::Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return names_object_checksum(operation, header.first);
  });
}

}  // namespace

http::Response answer_rest_xml(const Answering& answering, const KnownService& known,
                               http::Request& request, RequestProgress& progress) {
  std::string path = request.path;
  const bool store = progress.family == ErrorFamily::S3;
  if (store && progress.admission == nullptr) {
    const std::string_view host = request.headers.find("Host").value_or("");
    auto bucket = access_point_of_host(host);
    if (!bucket) bucket = bucket_of_host(host, answering.options().base_hosts);
    if (bucket) path = "/" + uri_encode(*bucket, Slash::Encode) + path;
  }
  const VerifiedHead head = answering.verified_head(request, path, progress);
  BucketNames buckets(answering.options().access_points);
  if (store) path = buckets.resolve_path(std::move(path));
  const Parameters query(request.query);
  if (progress.admission == nullptr) restore_hoisted_headers(request, query);
  const auto route = known.router->find(request.method, path, query, request.headers);
  if (!route) {
    throw Error(Blame::Customer, "MethodNotAllowed",
                "The specified method is not allowed against this resource.");
  }
  const Operation& operation = *route->operation;
  progress.operation = operation.name;
  if (buckets.any() && (operation.name == "CreateBucket" || operation.name == "DeleteBucket")) {
    throw Error(Blame::Customer, "MethodNotAllowed",
                "The specified method is not allowed against this resource: an access point stands "
                "for its bucket's objects. Buckets of an Outpost are made and deleted by S3 "
                "Control.");
  }
  const OperationHandler& handler = answering.operations().handler_of(operation, progress);
  refuse_unknown_subresource(operation, request, query);

  const std::unique_ptr<Payload> payload =
      open_payload(request, head,
                   has_object_checksum(operation, request.headers) ? HeaderChecksum::OfObject
                                                                   : HeaderChecksum::OfBody);
  std::string body;
  if (!operation.streaming_input && request.content_length != std::uint64_t{0}) {
    body = answering.read_document(*payload, payload->length());
    check_content_md5(request.headers, body);
  }
  Json document = rest_request(*route, query, request.headers, body);
  const std::vector<Violation> violations = answering.violations_of(document, operation);
  if (!violations.empty()) throw s3_violation(violations.front());
  if (store) buckets.resolve_copy_source(document);
  answering.authorize(operation, document, head.caller, buckets, progress);
  Answer answer = handler(document, payload.get(), head.caller);
  buckets.restore(answer.document);
  http::Response response =
      rest_response(*known.service, operation, answer.document, request.method == "HEAD");
  if (operation.streaming_output) response.body = std::move(answer.body);
  if (answer.status) response.status = *answer.status;
  return response;
}

}  // namespace millrace::aws
