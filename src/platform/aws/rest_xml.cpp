#include "platform/aws/rest_xml.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/convert.h"
#include "platform/aws/scalar_text.h"
#include "platform/aws/xml.h"
#include "platform/aws/xml_document.h"

namespace millrace::aws {
namespace {

constexpr std::string_view kXmlHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

bool is_date_condition(const Member& member) {
  return member.shape->kind == Kind::Timestamp && member.location == Location::Header &&
         member.wire_name.find("odified-") != std::string_view::npos;
}

/// nullopt for what counts as absent.
std::optional<Json> from_text(std::string_view text, const Member& member) {
  const Shape& shape = *member.shape;
  if (shape.kind == Kind::List) {
    Json::array_t list;
    for (const std::string_view part : split(text, ',')) {
      auto element = scalar_from_text(trim(part), *shape.members[0].shape);
      if (element) list.push_back(std::move(*element));
    }
    return Json(std::move(list));
  }
  auto value = scalar_from_text(text, shape);
  if (value || is_date_condition(member)) return value;
  // "max-keys=" says nothing; S3 takes it for the default.
  if (text.empty()) return std::nullopt;
  throw Error(Blame::Customer, "InvalidArgument",
              "Provided " + std::string(member.wire_name) + " '" + printable(text, 60) + "' is not " +
                  std::string(kind_in_words(shape.kind)) + ".");
}

std::string to_header_text(const Json& value, const Member& member) {
  if (member.shape->kind != Kind::List) return scalar_to_text(value, *member.shape, TimestampFormat::Rfc1123);
  std::vector<std::string> parts;
  for (const Json& element : value) {
    parts.push_back(scalar_to_text(element, *member.shape->members[0].shape, TimestampFormat::Rfc1123));
  }
  return join(parts, ",");
}

/// x-amz-meta-*: names in lower case without the prefix; a repeated one is joined by commas, as S3 does.
std::optional<Json> prefixed_headers(const http::Headers& headers, std::string_view prefix) {
  std::optional<Json> map;
  for (const auto& [name, value] : headers) {
    if (name.size() <= prefix.size() || !equal_ignoring_case(std::string_view(name).substr(0, prefix.size()), prefix)) {
      continue;
    }
    if (!map) map = Json::object();
    Json& entry = (*map)[to_lower(std::string_view(name).substr(prefix.size()))];
    entry = entry.is_null() ? value : entry.get_ref<const std::string&>() + "," + value;
  }
  return map;
}

std::optional<Json> payload_from(std::string_view body, const Member& member) {
  if (body.empty()) return std::nullopt;
  if (member.shape->kind != Kind::Structure) return Json(std::string(body));
  const XmlElement root = parse_xml(body);
  if (root.name != member.wire_name && root.name != member.shape->name) {
    throw Error(Blame::Customer, "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema: the root "
                "element must be '" + std::string(member.wire_name) + "', not '" + printable(root.name, 60) + "'");
  }
  return read_xml(root, *member.shape);
}

/// Members of a message that travel outside its body, and its payload.
std::optional<Json> header_or_payload(const Member& member, const http::Headers& headers, std::string_view body) {
  switch (member.location) {
    case Location::Header:
      if (const auto text = headers.find(member.wire_name)) return from_text(*text, member);
      return std::nullopt;
    case Location::Headers:
      return prefixed_headers(headers, member.wire_name);
    case Location::Payload:
      return payload_from(body, member);
    default:
      return std::nullopt;
  }
}

std::string xml_document(std::string_view root, const Json& document, const Shape& shape,
                         std::string_view xml_namespace) {
  std::string out(kXmlHead);
  write_xml(out, root, document, shape, xml_namespace);
  return out;
}

bool has_body_members(const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.location == Location::Body && !member.streaming) return true;
  }
  return false;
}

/// "PutObjectOutput" without a root of its own: "PutObjectResult".
std::string default_root(const Shape& shape) {
  constexpr std::string_view kOutput = "Output";
  std::string root(shape.name);
  if (root.ends_with(kOutput)) root.replace(root.size() - kOutput.size(), kOutput.size(), "Result");
  return root;
}

/// The structure members whose element is a payload or unwrapped are in `document` under their own name.
std::string response_body(const Service& service, const Operation& operation, const Json& document) {
  const Shape& shape = *operation.output;
  for (const Member& member : shape.members) {
    if (member.location != Location::Payload) continue;
    const Json* payload = member.streaming ? nullptr : find_member(document, member.name);
    if (payload == nullptr) return {};
    if (member.shape->kind != Kind::Structure) return scalar_to_text(*payload, *member.shape, TimestampFormat::Default);
    return xml_document(member.wire_name, *payload, *member.shape, service.xml_namespace);
  }
  if (!has_body_members(shape)) return {};
  if (operation.unwrapped_output) {
    const Json* value = find_member(document, shape.members[0].name);
    return xml_document(operation.output_root, value == nullptr ? Json("") : *value, *shape.members[0].shape,
                        service.xml_namespace);
  }
  const std::string root = operation.output_root.empty() ? default_root(shape) : std::string(operation.output_root);
  return xml_document(root, document, shape, service.xml_namespace);
}

/// The members of an answer in REST-JSON that travel in its body.
std::string json_body(const Operation& operation, const Json& document) {
  if (operation.streaming_output) return {};
  Json::object_t members;
  for (const Member& member : operation.output->members) {
    const Json* value = member.location == Location::Body ? find_member(document, member.name) : nullptr;
    if (value != nullptr) append(members, member.wire_name, *value);
  }
  return to_text(Json(std::move(members)));
}

void add_pair(std::string& target, std::string_view name, std::string_view value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += uri_encode(name, Slash::Encode);
  if (!value.empty()) target.append("=").append(uri_encode(value, Slash::Encode));
}

std::string target_of(const Operation& operation, const Json& document) {
  std::string target;
  for (const std::string_view segment : split(operation.path.substr(1), '/')) {
    target += '/';
    if (!segment.starts_with('{')) {
      target += segment;
      continue;
    }
    const bool greedy = segment.ends_with("+}");
    const std::string_view label = segment.substr(1, segment.size() - (greedy ? 3 : 2));
    for (const Member& member : operation.input->members) {
      const bool named = member.location == Location::Uri && member.wire_name == label;
      const Json* value = named ? find_member(document, member.name) : nullptr;
      if (value != nullptr) {
        target += uri_encode(value->get_ref<const std::string&>(), greedy ? Slash::Keep : Slash::Encode);
      }
    }
  }
  for (const FixedQuery& fixed : operation.fixed_query) add_pair(target, fixed.key, fixed.value);
  return target;
}

}  // namespace

Json rest_request(const Route& route, const Parameters& query, const http::Headers& headers, std::string_view body) {
  Json::object_t document;
  const Operation& operation = *route.operation;
  if (operation.input == nullptr) return Json::object();
  document.reserve(8);
  for (const Member& member : operation.input->members) {
    if (member.streaming) continue;
    std::optional<Json> value;
    if (member.location == Location::Uri) {
      if (const std::string* label = route.label(member.wire_name)) value = Json(*label);
    } else if (member.location == Location::Query) {
      if (const std::string* text = query.find(member.wire_name)) value = from_text(*text, member);
    } else {
      value = header_or_payload(member, headers, body);
    }
    if (value) append(document, member.name, std::move(*value));
  }
  if (!body.empty() && !operation.streaming_input && has_body_members(*operation.input)) {
    const XmlElement root = parse_xml(body);
    if (root.name != operation.input_root && root.name != operation.input->name) {
      throw Error(Blame::Customer, "MalformedXML",
                  "The XML you provided was not well-formed or did not validate against our published schema: the root "
                  "element must be '" + std::string(operation.input->name) + "', not '" + printable(root.name, 60) + "'");
    }
    const Json members = read_xml(root, *operation.input);
    for (const auto& [name, value] : members.get_ref<const Json::object_t&>()) append(document, name, value);
  }
  return Json(std::move(document));
}

http::Response rest_response(const Service& service, const Operation& operation, const Json& document, bool head) {
  http::Response response;
  response.status = operation.status;
  if (operation.output == nullptr) return response;
  response.headers.reserve(16);
  for (const Member& member : operation.output->members) {
    if (member.location != Location::Header && member.location != Location::Headers) continue;
    const Json* value = find_member(document, member.name);
    if (value == nullptr) continue;
    if (member.location == Location::Headers) {
      for (const auto& [name, text] : value->get_ref<const Json::object_t&>()) {
        response.headers.add(std::string(member.wire_name) + name, text.get<std::string>());
      }
    } else if (member.wire_name == "Content-Length") {
      if (head) response.announced_length = value->get<std::uint64_t>();
    } else {
      response.headers.add(std::string(member.wire_name), to_header_text(*value, member));
    }
  }
  std::string body = service.protocol == Protocol::RestJson ? json_body(operation, document)
                                                            : response_body(service, operation, document);
  if (!body.empty()) {
    response.headers.set("Content-Type",
                         service.protocol == Protocol::RestJson ? "application/json" : "application/xml");
  }
  response.body = std::move(body);
  return response;
}

http::Outgoing rest_outgoing(const Service& service, const Operation& operation, const Json& document) {
  http::Outgoing request;
  request.method = operation.method;
  if (operation.input == nullptr) {
    request.target = operation.path;
    return request;
  }
  request.target = target_of(operation, document);
  for (const Member& member : operation.input->members) {
    const Json* value = member.streaming ? nullptr : find_member(document, member.name);
    if (value == nullptr) continue;
    switch (member.location) {
      case Location::Query:
        add_pair(request.target, member.wire_name, scalar_to_text(*value, *member.shape, TimestampFormat::Iso8601));
        break;
      case Location::Header:
        // The length follows from the body.
        if (member.wire_name != "Content-Length") {
          request.headers.add(std::string(member.wire_name), to_header_text(*value, member));
        }
        break;
      case Location::Headers:
        for (const auto& [name, text] : value->get_ref<const Json::object_t&>()) {
          request.headers.add(std::string(member.wire_name) + name, text.get<std::string>());
        }
        break;
      case Location::Payload:
        request.content = xml_document(member.wire_name, *value, *member.shape,
                                       member.xml_namespace.empty() ? service.xml_namespace : member.xml_namespace);
        break;
      default:
        break;
    }
  }
  return request;
}

Json rest_reply(const Operation& operation, int status, const http::Headers& headers, std::string_view body) {
  Json::object_t document;
  if (operation.output == nullptr) return Json::object();
  const Shape& shape = *operation.output;
  for (const Member& member : shape.members) {
    if (member.streaming) continue;
    std::optional<Json> value = member.location == Location::StatusCode
                                    ? std::optional<Json>(status)
                                    : header_or_payload(member, headers, body);
    if (value) append(document, member.name, std::move(*value));
  }
  if (body.empty() || operation.streaming_output || !has_body_members(shape)) return Json(std::move(document));
  const XmlElement root = parse_xml(body);
  if (operation.unwrapped_output) {
    append(document, shape.members[0].name, Json(root.text));
    return Json(std::move(document));
  }
  const Json members = read_xml(root, shape);
  for (const auto& [name, value] : members.get_ref<const Json::object_t&>()) append(document, name, value);
  return Json(std::move(document));
}

}  // namespace millrace::aws
