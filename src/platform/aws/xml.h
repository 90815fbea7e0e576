#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::aws {

/// An element as far as AWS documents use XML: names without namespace prefix, text of the element itself.
struct XmlElement {
  std::string name;
  std::string text;
  std::vector<std::pair<std::string, std::string>> attributes{};
  std::vector<XmlElement> children{};

  /// The first child of that name; nullptr when there is none.
  [[nodiscard]] const XmlElement* child(std::string_view child_name) const;
};

struct XmlLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 32;
  std::size_t max_elements = 200'000;  ///< a CompleteMultipartUpload of 10,000 parts has 40,000
};

/// The root element. Throws Error(Customer, MalformedXML) for text that is not well-formed, for a document type
/// declaration (so no entity is ever defined or expanded) and for limits.
XmlElement parse_xml(std::string_view text, XmlLimits limits = {});

/// Appends with markup characters, and what XML cannot hold, as character references.
void append_escaped(std::string& out, std::string_view text);

}  // namespace millrace::aws
