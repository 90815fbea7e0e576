#include "platform/aws/xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view text, XmlLimits limits = {}) {
  try {
    static_cast<void>(parse_xml(text, limits));
    return "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "MalformedXML");
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
}

TEST(Xml, ReadsElementsTextAndAttributes) {
  const XmlElement root = parse_xml(
      "<?xml version=\"1.0\"?><s:Root xmlns:s=\"urn:x\" xsi:type=\"Group\" xmlns:xsi=\"urn:y\">"
      "<Key>a &amp; b&#x20AC;<![CDATA[<c>]]></Key><Key/><!-- note --></s:Root>");
  EXPECT_EQ(root.name, "Root");
  ASSERT_EQ(root.children.size(), 2U);
  EXPECT_EQ(root.child("Key")->text, "a & b\xE2\x82\xAC<c>");
  EXPECT_EQ(root.children[1].text, "");
  ASSERT_EQ(root.attributes.size(), 1U);
  EXPECT_EQ(root.attributes[0].first, "type");
  EXPECT_EQ(root.attributes[0].second, "Group");
}

TEST(Xml, RefusesWhatIsNotWellFormedAndSaysWhere) {
  EXPECT_THAT(refusal("<a>\n<b></a>"), HasSubstr("line 2, column 6: mismatched tag"));
  EXPECT_THAT(refusal(""), HasSubstr("no element found"));
  EXPECT_THAT(refusal("<a/><b/>"), HasSubstr("junk after document element"));
  EXPECT_THAT(refusal("<a>&undefined;</a>"), HasSubstr("undefined entity"));
  EXPECT_THAT(refusal("<a>\xFF</a>"), HasSubstr("invalid token"));
}

TEST(Xml, RefusesDocumentTypesSoThatNoEntityIsExpanded) {
  EXPECT_THAT(refusal("<!DOCTYPE a [<!ENTITY x \"boom\">]><a>&x;</a>"),
              HasSubstr("a document type declaration is not allowed"));
  EXPECT_THAT(refusal("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"),
              HasSubstr("a document type declaration is not allowed"));
}

TEST(Xml, HasLimits) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "<a>";
  EXPECT_THAT(refusal(deep), HasSubstr("nested too deeply"));
  std::string many = "<r>";
  for (int i = 0; i < 20; ++i) many += "<a/>";
  EXPECT_THAT(refusal(many + "</r>", {.max_elements = 20}), HasSubstr("too many elements"));
  EXPECT_EQ(refusal(many + "</r>", {.max_elements = 21}), "accepted");
  EXPECT_THAT(refusal("<r>12345</r>", {.max_bytes = 5}), HasSubstr("larger than the limit of 5 bytes"));
}

TEST(Xml, EscapesMarkupAndControlCharacters) {
  std::string out;
  append_escaped(out, "a<b>&\"c\"\r\n\x01 \xC3\xA4");
  EXPECT_EQ(out, "a&lt;b&gt;&amp;&quot;c&quot;&#13;\n&#1; \xC3\xA4");
}

}  // namespace
}  // namespace millrace::aws
