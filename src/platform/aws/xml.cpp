#include "platform/aws/xml.h"

#include <expat.h>

#include <limits>
#include <memory>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Builds the tree from expat's events. Problems are remembered, never thrown: the frames between are C.
class Builder {
 public:
  Builder(XML_Parser parser, XmlLimits limits) : parser_(parser), limits_(limits) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &Builder::on_start, &Builder::on_end);
    XML_SetCharacterDataHandler(parser, &Builder::on_text);
    XML_SetStartDoctypeDeclHandler(parser, &Builder::on_doctype);
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] XmlElement take_root() { return std::move(root_.children.front()); }

 private:
  static Builder& self(void* user) { return *static_cast<Builder*>(user); }

  static void on_start(void* user, const XML_Char* name, const XML_Char** attributes) noexcept {
    Builder& builder = self(user);
    if (builder.open_.size() > builder.limits_.max_depth) return builder.stop("elements are nested too deeply");
    if (++builder.elements_ > builder.limits_.max_elements) return builder.stop("there are too many elements");
    XmlElement& element = builder.open_.back()->children.emplace_back();
    element.name = local_name(name);
    for (; *attributes != nullptr; attributes += 2) {
      if (!std::string_view(attributes[0]).starts_with("xmlns")) {
        element.attributes.emplace_back(local_name(attributes[0]), attributes[1]);
      }
    }
    // Only the last child of an open element is open, so growing its siblings' vector never moves an open one.
    builder.open_.push_back(&element);
  }
  static void on_end(void* user, const XML_Char*) noexcept { self(user).open_.pop_back(); }
  static void on_text(void* user, const XML_Char* text, int length) noexcept {
    self(user).open_.back()->text.append(text, static_cast<std::size_t>(length));
  }
  static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) noexcept {
    self(user).stop("a document type declaration is not allowed");
  }

  void stop(const char* problem) {
    if (problem_.empty()) problem_ = problem;
    XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_;
  XmlLimits limits_;
  XmlElement root_;
  std::vector<XmlElement*> open_{&root_};
  std::size_t elements_ = 0;
  std::string problem_;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  for (const XmlElement& element : children) {
    if (element.name == child_name) return &element;
  }
  return nullptr;
}

XmlElement parse_xml(std::string_view text, XmlLimits limits) {
  const auto malformed = [](const std::string& why) {
    return Error(Blame::Customer, "MalformedXML",
                 "The XML you provided was not well-formed or did not validate against our published schema: " + why);
  };
  if (text.size() > limits.max_bytes || text.size() > std::numeric_limits<int>::max()) {
    throw malformed("the document is larger than the limit of " + std::to_string(limits.max_bytes) + " bytes");
  }
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
  if (!parser) throw std::bad_alloc();
  Builder builder(parser.get(), limits);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK) {
    return builder.take_root();
  }
  const std::string where = "line " + std::to_string(XML_GetCurrentLineNumber(parser.get())) + ", column " +
                            std::to_string(XML_GetCurrentColumnNumber(parser.get()) + 1) + ": ";
  throw malformed(where +
                  (builder.problem().empty() ? XML_ErrorString(XML_GetErrorCode(parser.get())) : builder.problem()));
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  const auto replace = [&](std::size_t at, std::string_view reference) {
    out += text.substr(plain, at - plain);
    out += reference;
    plain = at + 1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte > '>') continue;
    switch (byte) {
      case '&':
        replace(i, "&amp;");
        break;
      case '<':
        replace(i, "&lt;");
        break;
      case '>':
        replace(i, "&gt;");
        break;
      case '"':
        replace(i, "&quot;");
        break;
      case '\t':
      case '\n':
        break;
      default:
        if (byte < ' ') replace(i, "&#" + std::to_string(byte) + ";");
    }
  }
  out += text.substr(plain);
}

}  // namespace millrace::aws
