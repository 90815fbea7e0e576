#pragma once

#include <string>
#include <string_view>

#include "core/json/json.h"
#include "platform/aws/shape.h"
#include "platform/aws/xml.h"

namespace millrace::aws {

/// Documents as XML elements and back, by the shape tables; both directions, for server and client.

/// Appends the members of a structure that travel in the body, without an element around them.
void write_xml_members(std::string& out, const Json& document, const Shape& shape);

/// Appends `<element>...</element>` of any kind of value.
void write_xml(std::string& out, std::string_view element, const Json& value, const Shape& shape,
               std::string_view xml_namespace = {});

/// The body members of `shape` found in `element`, in the table's order. Throws Error(Customer, MalformedXML) for text
/// that is no value of its kind. Elements that the shape does not know are ignored.
Json read_xml(const XmlElement& element, const Shape& shape);

}  // namespace millrace::aws
