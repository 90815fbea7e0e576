#include "core/data/s3_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;

std::string refusal(std::string_view text) {
  try {
    (void)parse_s3_manifest(text, "s3://b/m");
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

constexpr const char* kForm =
    R"( A manifest looks like [{"prefix": "s3://bucket/path/"}, "a", "b"].)";

TEST(S3Manifest, APrefixIsPutBeforeEveryKeyAsItStands) {
  const S3Manifest manifest =
      parse_s3_manifest(R"([{"prefix": "s3://b/some/"}, "x.csv", "y/z", "x.csv"])", "m");
  EXPECT_EQ(manifest.prefix, "s3://b/some/");
  EXPECT_THAT(manifest.uris,
              ElementsAre("s3://b/some/x.csv", "s3://b/some/y/z", "s3://b/some/x.csv"));
  EXPECT_THAT(parse_s3_manifest(R"([{"prefix": "s3://b/part-"}, "1"])", "m").uris,
              ElementsAre("s3://b/part-1"));
}

TEST(S3Manifest, WithoutAPrefixEveryElementIsAUri) {
  const S3Manifest manifest = parse_s3_manifest(R"(["s3://b/x", "s3://other/y"])", "m");
  EXPECT_EQ(manifest.prefix, "");
  EXPECT_THAT(manifest.uris, ElementsAre("s3://b/x", "s3://other/y"));
}

TEST(S3Manifest, WhatIsNoManifestIsRefusedByElement) {
  EXPECT_EQ(refusal("{\"a\":1}"),
            std::string("s3://b/m, element 0: got \"{\"a\":1}\", expected a JSON list.") + kForm);
  EXPECT_EQ(refusal(R"([{"prefix": "s3://b/"}, 3])"),
            std::string("s3://b/m, element 1: got \"3\", expected a key as text.") + kForm);
  EXPECT_EQ(refusal(R"(["a.csv"])"),
            std::string("s3://b/m, element 0: got \"a.csv\", expected an S3 URI such as "
                        "s3://bucket/key, because no prefix stands first.") +
                kForm);
  for (const char* text :
       {"[]", R"([{"prefix": "s3://b/"}])", R"([{"prefix": "b/"}, "x"])", R"([{"prefix": 1}, "x"])",
        R"([{"prefix": "s3://b"}, "x"])", R"([{"other": "s3://b/"}, "x"])", R"(["s3://b/x", ""])",
        R"(["s3://b/x", {"prefix": "s3://b/"}])", R"(["s3:///x"])", R"(["s3://b/"])", "[1"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
}

}  // namespace
}  // namespace millrace
