#include <string>
#include <string_view>

#include "core/base/text.h"
#include "platform/aws/answering.h"
#include "platform/aws/rest_json.h"

namespace millrace::aws {

http::Response answer_json(const Answering& answering, const KnownService& known,
                           http::Request& request, RequestProgress& progress) {
  std::string body = answering.read_document(*request.body, request.content_length);
  const Caller caller = answering.caller_of(request, body, progress);
  const std::string_view target = request.headers.find("X-Amz-Target").value_or("");
  const std::size_t dot = target.rfind('.');
  if (dot == std::string_view::npos || target.substr(0, dot) != known.service->target_prefix) {
    throw unknown_operation(progress.family,
                            "X-Amz-Target must be '" + std::string(known.service->target_prefix) +
                                ".<Operation>', not '" + printable(target, 120) + "'");
  }
  const Operation& operation =
      answering.operations().operation_named(known, target.substr(dot + 1), progress);
  const OperationHandler& handler = answering.operations().handler_of(operation, progress);
  Json document = json_document(answering.unpacked(std::move(body), request.headers));
  answering.check(document, operation);
  BucketNames buckets(answering.options().access_points);
  // A supervisor that asks for the files behind an access point.
  if (known.service->name == "control" && document.contains("Bucket")) {
    document["Bucket"] = buckets.resolve(document["Bucket"].get_ref<const std::string&>());
  }
  answering.authorize(operation, document, caller, buckets, progress);
  const Answer answer = handler(document, nullptr, caller);
  http::Response response;
  response.headers.add("Content-Type",
                       "application/x-amz-json-" + std::string(known.service->json_version));
  if (operation.output != nullptr) response.body = to_text(answer.document);
  return response;
}

}  // namespace millrace::aws
