#include <string>

#include "core/base/error.h"
#include "platform/aws/answering.h"
#include "platform/aws/parameters.h"
#include "platform/aws/query_protocol.h"
#include "platform/aws/request_id.h"

namespace millrace::aws {

http::Response answer_query(const Answering& answering, const KnownService& known,
                            http::Request& request, RequestProgress& progress) {
  std::string body = answering.read_document(*request.body, request.content_length);
  const Caller caller = answering.caller_of(request, body, progress);
  const std::string form = request.method == "POST"
                               ? answering.unpacked(std::move(body), request.headers)
                               : request.query;
  const Parameters parameters(form);
  const std::string* action = parameters.find("Action");
  if (action == nullptr)
    throw Error(Blame::Customer, "MissingAction", "The request is missing the Action parameter.");
  const Operation& operation = answering.operations().operation_named(known, *action, progress);
  const OperationHandler& handler = answering.operations().handler_of(operation, progress);
  const Json document = query_request(operation, parameters);
  answering.check(document, operation);
  answering.authorize(operation, document, caller, BucketNames(answering.options().access_points),
                      progress);
  const Answer answer = handler(document, nullptr, caller);
  http::Response response;
  response.headers.add("Content-Type", "text/xml");
  response.body =
      query_response(*known.service, operation, answer.document, request_id_as_uuid(progress.id));
  return response;
}

}  // namespace millrace::aws
