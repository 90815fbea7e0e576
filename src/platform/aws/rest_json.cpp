#include "platform/aws/rest_json.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/rest_xml.h"

namespace millrace::aws {
namespace {

/// Wider objects than any of our models has maps; keeps look-ups in hostile documents cheap.
constexpr JsonLimits kJsonLimits{
    .max_bytes = std::size_t{1} << 30, .max_depth = 64, .max_members = 1000};

}  // namespace

Json json_document(const std::string& body) {
  if (trim(body).empty()) return Json::object();
  Json document;
  try {
    document = parse_json(body, "request body", kJsonLimits);
  } catch (const Error& error) {
    throw Error(Blame::Customer, "SerializationException", error.what());
  }
  if (!document.is_object())
    throw Error(Blame::Customer, "SerializationException", "The request body must be an object.");
  return document;
}

Json rest_json_request(const Route& route, const Parameters& query, const http::Headers& headers,
                       const std::string& body) {
  Json document = rest_request(route, query, headers, {});
  const Operation& operation = *route.operation;
  if (operation.streaming_input || operation.input == nullptr) return document;
  const Json members = json_document(body);
  for (const Member& member : operation.input->members) {
    const auto found =
        member.location == Location::Body ? members.find(member.wire_name) : members.end();
    if (found != members.end() && !found->is_null()) document[std::string(member.name)] = *found;
  }
  return document;
}

}  // namespace millrace::aws
