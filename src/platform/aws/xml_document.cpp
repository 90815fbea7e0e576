#include "platform/aws/xml_document.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/convert.h"
#include "platform/aws/scalar_text.h"

namespace millrace::aws {
namespace {

/// Elements of a flattened list carry the member's name, unless the list names them itself.
std::string_view flat_name(const Member& member) {
  const Member& element = member.shape->members[0];
  return element.wire_name == "member" ? member.wire_name : element.wire_name;
}

void write_entries(std::string& out, std::string_view element, const Json& map, const Shape& shape) {
  const Member& key = shape.members[0];
  const Member& value = shape.members[1];
  for (const auto& [name, json] : map.get_ref<const Json::object_t&>()) {
    out.append("<").append(element).append(">");
    write_xml(out, key.wire_name, Json(name), *key.shape);
    write_xml(out, value.wire_name, json, *value.shape);
    out.append("</").append(element).append(">");
  }
}

void write_member_xml(std::string& out, const Json& value, const Member& member) {
  const Shape& shape = *member.shape;
  if (member.flattened && shape.kind == Kind::List) {
    for (const Json& element : value) write_xml(out, flat_name(member), element, *shape.members[0].shape);
  } else if (member.flattened && shape.kind == Kind::Map) {
    write_entries(out, member.wire_name, value, shape);
  } else {
    write_xml(out, member.wire_name, value, shape, member.xml_namespace);
  }
}

Json read_value_xml(const XmlElement& element, const Shape& shape);

Json read_list(const XmlElement& parent, std::string_view name, const Shape& shape) {
  Json::array_t list;
  for (const XmlElement& child : parent.children) {
    if (child.name == name) list.push_back(read_value_xml(child, *shape.members[0].shape));
  }
  return Json(std::move(list));
}

Json read_entries(const XmlElement& parent, std::string_view name, const Shape& shape) {
  Json map = Json::object();
  for (const XmlElement& child : parent.children) {
    if (child.name != name) continue;
    const XmlElement* key = child.child(shape.members[0].wire_name);
    const XmlElement* value = child.child(shape.members[1].wire_name);
    if (key != nullptr && value != nullptr) map[key->text] = read_value_xml(*value, *shape.members[1].shape);
  }
  return map;
}

Json read_value_xml(const XmlElement& element, const Shape& shape) {
  switch (shape.kind) {
    case Kind::Structure:
      return read_xml(element, shape);
    case Kind::List:
      return read_list(element, shape.members[0].wire_name, shape);
    case Kind::Map:
      return read_entries(element, "entry", shape);
    default: {
      auto value = scalar_from_text(element.text, shape);
      if (!value) {
        throw Error(Blame::Customer, "MalformedXML",
                    "The XML you provided was not well-formed or did not validate against our published schema: "
                    "element '" + printable(element.name, 60) + "' must be " +
                        std::string(kind_in_words(shape.kind)) + ", not '" + printable(element.text, 60) + "'");
      }
      return std::move(*value);
    }
  }
}

}  // namespace

void write_xml_members(std::string& out, const Json& document, const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.location != Location::Body || member.streaming || member.xml_attribute) continue;
    if (const Json* value = find_member(document, member.name)) write_member_xml(out, *value, member);
  }
}

void write_xml(std::string& out, std::string_view element, const Json& value, const Shape& shape,
               std::string_view xml_namespace) {
  out.append("<").append(element);
  if (!xml_namespace.empty()) out.append(" xmlns=\"").append(xml_namespace).append("\"");
  if (shape.kind == Kind::Structure) {
    for (const Member& member : shape.members) {
      const Json* attribute = member.xml_attribute ? find_member(value, member.name) : nullptr;
      if (attribute == nullptr) continue;
      out.append(" ").append(member.wire_name).append("=\"");
      append_escaped(out, scalar_to_text(*attribute, *member.shape, TimestampFormat::Iso8601));
      out.append("\"");
    }
  }
  out.append(">");
  switch (shape.kind) {
    case Kind::Structure:
      write_xml_members(out, value, shape);
      break;
    case Kind::List:
      for (const Json& each : value) write_xml(out, shape.members[0].wire_name, each, *shape.members[0].shape);
      break;
    case Kind::Map:
      write_entries(out, "entry", value, shape);
      break;
    case Kind::String:
      append_escaped(out, value.get_ref<const std::string&>());
      break;
    default:
      append_escaped(out, scalar_to_text(value, shape, TimestampFormat::Iso8601));
  }
  out.append("</").append(element).append(">");
}

Json read_xml(const XmlElement& element, const Shape& shape) {
  Json::object_t object;
  for (const Member& member : shape.members) {
    if (member.location != Location::Body || member.streaming) continue;
    if (member.xml_attribute) {
      for (const auto& [name, value] : element.attributes) {
        // The wire name may carry a prefix (xsi:type), which reading has removed.
        const bool same = member.wire_name == name || member.wire_name.ends_with(":" + name);
        if (same) append(object, member.name, Json(value));
      }
      continue;
    }
    if (member.flattened && member.shape->kind == Kind::List) {
      Json list = read_list(element, flat_name(member), *member.shape);
      if (!list.empty()) append(object, member.name, std::move(list));
    } else if (member.flattened && member.shape->kind == Kind::Map) {
      Json map = read_entries(element, member.wire_name, *member.shape);
      if (!map.empty()) append(object, member.name, std::move(map));
    } else if (const XmlElement* child = element.child(member.wire_name)) {
      append(object, member.name, read_value_xml(*child, *member.shape));
    }
  }
  return Json(std::move(object));
}

}  // namespace millrace::aws
