#include "core/data/augmented_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> values(std::string_view line, const std::vector<std::string>& attributes) {
  return parse_manifest_line(line, attributes, "s3://b/m, line 3");
}

std::string refusal(std::string_view line) {
  try {
    (void)values(line, {"image-ref", "label"});
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(AugmentedManifest, ALabelledImageIsAReferenceAndAValue) {
  check_image_and_label({"source-ref", "class"}, "--attributes");
  for (const std::vector<std::string>& attributes :
       std::vector<std::vector<std::string>>{{},
                                             {"source-ref"},
                                             {"class", "source-ref"},
                                             {"source-ref", "mask-ref"},
                                             {"a-ref", "b", "c"}}) {
    try {
      check_image_and_label(attributes, "--attributes");
      ADD_FAILURE() << attributes.size();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("--attributes: "));
      EXPECT_THAT(error.what(), HasSubstr("such as source-ref,class"));
    }
  }
}

TEST(AugmentedManifest, ValuesComeInTheOrderOfTheAttributes) {
  EXPECT_THAT(values(R"({"label": 1, "other": {"label": 2}, "image-ref": "s3://b/1.png"})",
                     {"image-ref", "label"}),
              ElementsAre("s3://b/1.png", "1"));
}

TEST(AugmentedManifest, NumbersAndStructuresKeepTheirSourceText) {
  EXPECT_THAT(values(R"({"n":1.50e+02,"a": [1,  0,"],}"] ,"o":{"x" : {"y":[]}},"t":true,"z":null})",
                     {"n", "a", "o", "t", "z"}),
              ElementsAre("1.50e+02", R"([1,  0,"],}"])", R"({"x" : {"y":[]}})", "true", "null"));
}

TEST(AugmentedManifest, StringsLoseQuotesAndEscapes) {
  EXPECT_THAT(values(R"({"s": "a\"b\\\u00e9\n", "\u006eame": ""})", {"s", "name"}),
              ElementsAre("a\"b\\\xc3\xa9\n", ""));
}

TEST(AugmentedManifest, TheLastOfRepeatedMembersCounts) {
  EXPECT_THAT(values(R"({"a":1,"a":2})", {"a"}), ElementsAre("2"));
}

TEST(AugmentedManifest, AMissingAttributeIsRefusedByLineAndName) {
  EXPECT_EQ(refusal(R"({"image-ref": "s3://b/1.png", "Label": 1})"),
            "s3://b/m, line 3, attribute 'label': expected a value in every line. "
            "Attribute names are case-sensitive.");
}

TEST(AugmentedManifest, AReferenceThatIsNoStringIsRefused) {
  EXPECT_THAT(refusal(R"({"image-ref": 5, "label": 1})"),
              HasSubstr("line 3, attribute 'image-ref': got \"5\", expected an S3 URI as text"));
}

TEST(AugmentedManifest, ALineThatIsNoObjectIsRefused) {
  EXPECT_THAT(refusal("[1]"), HasSubstr("line 3: got \"[1]\", expected one JSON object"));
  for (const char* line : {"", "{", "{\"a\":1} {}", "\"x\"", "{\"a\" 1}"})
    EXPECT_NE(refusal(line), "accepted") << line;
}

}  // namespace
}  // namespace millrace
