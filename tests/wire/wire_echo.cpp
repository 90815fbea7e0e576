// Our side of test_botocore.py: reads one JSON object a line and prints one a line.
//   {"request": {service, operation, method, path, query, headers, body}}  ->  the document we
//   understand
//   {"response": {service, operation, document}}                          ->  {status, headers,
//   body} as we render it
// Bodies are base64.

#include <iostream>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "generated/aws/services.h"
#include "platform/aws/query_protocol.h"
#include "platform/aws/rest_json.h"
#include "platform/aws/rest_xml.h"
#include "platform/aws/router.h"

namespace millrace::aws {
namespace {

const Service& service_named(const std::string& name) {
  for (const Service* service : wire::services()) {
    if (service->name == name) return *service;
  }
  throw Error(Blame::Customer, "no service " + name);
}

const Operation& operation_named(const Service& service, const std::string& name) {
  for (const Operation& operation : service.operations) {
    if (operation.name == name) return operation;
  }
  throw Error(Blame::Customer, "no operation " + name);
}

Json understood(const Json& request) {
  const Service& service = service_named(request["service"]);
  const Operation& operation = operation_named(service, request["operation"]);
  const std::string body = *from_base64(request["body"].get_ref<const std::string&>());
  if (service.protocol == Protocol::Json)
    return body.empty() ? Json::object() : parse_json(body, "body");
  if (service.protocol == Protocol::Query) return query_request(operation, Parameters(body));
  http::Headers headers;
  for (const auto& [name, value] : request["headers"].items()) headers.add(name, value);
  const Parameters query(request["query"].get_ref<const std::string&>());
  const auto route = Router(service).find(request["method"].get<std::string>(),
                                          request["path"].get<std::string>(), query, headers);
  if (!route || route->operation != &operation) {
    throw Error(Blame::Customer,
                "routed to " + std::string(route ? route->operation->name : "nothing"));
  }
  if (service.protocol == Protocol::RestJson)
    return rest_json_request(*route, query, headers, body);
  return rest_request(*route, query, headers, operation.streaming_input ? "" : body);
}

Json rendered(const Json& response) {
  const Service& service = service_named(response["service"]);
  const Operation& operation = operation_named(service, response["operation"]);
  const Json& document = response["document"];
  http::Response answer;
  if (service.protocol == Protocol::Json) {
    answer.body = operation.output == nullptr ? std::string() : to_text(document);
  } else if (service.protocol == Protocol::Query) {
    answer.body = query_response(service, operation, document, "request-id");
  } else {
    answer = rest_response(service, operation, document, operation.method == "HEAD");
  }
  Json headers = Json::object();
  for (const auto& [name, value] : answer.headers) headers[name] = value;
  if (answer.announced_length) headers["Content-Length"] = std::to_string(*answer.announced_length);
  return {{"status", answer.status},
          {"headers", headers},
          {"body", to_base64(std::get<std::string>(answer.body))}};
}

}  // namespace
}  // namespace millrace::aws

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    millrace::Json answer;
    try {
      const millrace::Json task = millrace::parse_json(line, "task");
      answer = task.contains("request") ? millrace::aws::understood(task["request"])
                                        : millrace::aws::rendered(task["response"]);
    } catch (const std::exception& error) {
      answer = {{"failure", error.what()}};
    }
    std::cout << millrace::to_text(answer) << std::endl;
  }
  return 0;
}
