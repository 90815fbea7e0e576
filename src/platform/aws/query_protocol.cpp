#include "platform/aws/query_protocol.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/convert.h"
#include "platform/aws/scalar_text.h"
#include "platform/aws/xml.h"
#include "platform/aws/xml_document.h"

namespace millrace::aws {
namespace {

/// Models nest shapes a few levels deep; only a shape that contains itself could go deeper.
constexpr int kMaxDepth = 32;

/// Parameters by name, so that everything below a prefix lies together.
class Form {
 public:
  explicit Form(const Parameters& parameters) {
    for (const auto& [name, value] : parameters) values_.emplace(name, value);
  }

  [[nodiscard]] std::optional<Json> value(const Shape& shape, const std::string& prefix, bool flattened,
                                          int depth) const {
    if (depth > kMaxDepth || !any_below(prefix)) return std::nullopt;
    switch (shape.kind) {
      case Kind::Structure: {
        Json document = structure(shape, prefix + ".", depth);
        return document;
      }
      case Kind::List:
        return list(shape, flattened ? prefix : prefix + "." + std::string(shape.members[0].wire_name), depth);
      case Kind::Map:
        return map(shape, flattened ? prefix : prefix + ".entry", depth);
      default:
        return scalar(shape, prefix);
    }
  }

  [[nodiscard]] Json structure(const Shape& shape, const std::string& prefix, int depth) const {
    Json::object_t document;
    for (const Member& member : shape.members) {
      auto found = value(*member.shape, prefix + std::string(member.wire_name), member.flattened, depth + 1);
      if (found) append(document, member.name, std::move(*found));
    }
    return Json(std::move(document));
  }

 private:
  /// Is there a parameter of this name, or one whose name goes on with a dot?
  [[nodiscard]] bool any_below(const std::string& prefix) const {
    const auto found = values_.lower_bound(prefix);
    if (found != values_.end() && found->first == prefix) return true;
    const auto below = values_.lower_bound(prefix + ".");
    return below != values_.end() && std::string_view(below->first).starts_with(prefix + ".");
  }

  [[nodiscard]] Json list(const Shape& shape, const std::string& prefix, int depth) const {
    Json::array_t list;
    for (std::size_t index = 1;; ++index) {
      const std::string name = prefix + "." + std::to_string(index);
      auto element = value(*shape.members[0].shape, name, false, depth + 1);
      if (!element) break;
      list.push_back(std::move(*element));
    }
    return Json(std::move(list));
  }

  [[nodiscard]] Json map(const Shape& shape, const std::string& prefix, int depth) const {
    Json map = Json::object();
    for (std::size_t index = 1;; ++index) {
      const std::string name = prefix + "." + std::to_string(index) + ".";
      const auto key = values_.find(name + std::string(shape.members[0].wire_name));
      if (key == values_.end()) break;
      auto element = value(*shape.members[1].shape, name + std::string(shape.members[1].wire_name), false, depth + 1);
      map[key->second] = element ? std::move(*element) : Json(nullptr);
    }
    return map;
  }

  [[nodiscard]] std::optional<Json> scalar(const Shape& shape, const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    auto value = scalar_from_text(found->second, shape);
    if (value) return value;
    throw Error(Blame::Customer, "ValidationError",
                "Parameter '" + printable(name, 120) + "' must be " + std::string(kind_in_words(shape.kind)) +
                    ", not '" + printable(found->second, 60) + "'.");
  }

  std::map<std::string, std::string, std::less<>> values_;
};

void add_field(std::string& form, const std::string& name, std::string_view value) {
  form.append("&").append(uri_encode(name, Slash::Encode)).append("=").append(uri_encode(value, Slash::Encode));
}

void add_value(std::string& form, const std::string& name, const Json& value, const Shape& shape, bool flattened) {
  std::size_t index = 0;
  switch (shape.kind) {
    case Kind::Structure:
      for (const Member& member : shape.members) {
        const Json* field = find_member(value, member.name);
        if (field == nullptr) continue;
        add_value(form, (name.empty() ? "" : name + ".") + std::string(member.wire_name), *field, *member.shape,
                  member.flattened);
      }
      return;
    case Kind::List: {
      const std::string prefix = flattened ? name : name + "." + std::string(shape.members[0].wire_name);
      for (const Json& element : value) {
        add_value(form, prefix + "." + std::to_string(++index), element, *shape.members[0].shape, false);
      }
      return;
    }
    case Kind::Map:
      for (const auto& [key, element] : value.get_ref<const Json::object_t&>()) {
        const std::string prefix = (flattened ? name : name + ".entry") + "." + std::to_string(++index) + ".";
        add_field(form, prefix + std::string(shape.members[0].wire_name), key);
        add_value(form, prefix + std::string(shape.members[1].wire_name), element, *shape.members[1].shape, false);
      }
      return;
    default:
      add_field(form, name, scalar_to_text(value, shape, TimestampFormat::Iso8601));
  }
}

}  // namespace

Json query_request(const Operation& operation, const Parameters& parameters) {
  if (operation.input == nullptr) return Json::object();
  return Form(parameters).structure(*operation.input, "", 0);
}

std::string query_response(const Service& service, const Operation& operation, const Json& document,
                           std::string_view request_id) {
  const std::string root = std::string(operation.name) + "Response";
  std::string out = "<" + root + " xmlns=\"" + std::string(service.xml_namespace) + "\">\n";
  if (operation.output != nullptr) {
    if (operation.result_wrapper.empty()) {
      write_xml_members(out, document, *operation.output);
    } else {
      write_xml(out, operation.result_wrapper, document, *operation.output);
    }
  }
  out += "\n<ResponseMetadata><RequestId>";
  append_escaped(out, request_id);
  out += "</RequestId></ResponseMetadata>\n</" + root + ">\n";
  return out;
}

std::string query_outgoing(const Service& service, const Operation& operation, const Json& document) {
  std::string form = "Action=" + std::string(operation.name) + "&Version=" + std::string(service.api_version);
  if (operation.input != nullptr) add_value(form, "", document, *operation.input, false);
  return form;
}

Json query_reply(const Operation& operation, std::string_view body) {
  if (operation.output == nullptr) return Json::object();
  const XmlElement root = parse_xml(body);
  const XmlElement* result = operation.result_wrapper.empty() ? &root : root.child(operation.result_wrapper);
  return result == nullptr ? Json::object() : read_xml(*result, *operation.output);
}

}  // namespace millrace::aws
