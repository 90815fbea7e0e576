#include "trainer/vision/manifest_images.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {
namespace {

class Manifest : public testing::Test {
 protected:
  Manifest() {
    char name[] = "/tmp/millrace-manifest-XXXXXX";
    root_ = ::mkdtemp(name);
    for (const char* path : {"a/1.png", "s3:/bucket/a/2.png"}) {
      std::filesystem::create_directories((root_ / path).parent_path());
      write_file_durably(root_ / path, std::string("bytes of ") + path);
    }
  }
  ~Manifest() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] ManifestImages images(const std::string& text,
                                      const AttributeLabels& labels) const {
    write_file_durably(root_ / "m.manifest", text);
    return {root_ / "m.manifest", {"source-ref", "class"}, labels};
  }
  [[nodiscard]] std::string refusal(const std::string& text,
                                    const AttributeLabels& labels = {.classes = 3}) const {
    try {
      (void)images(text, labels);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path root_;
};

TEST_F(Manifest, ImagesAreFilesUnderTheTextOfTheirReferences) {
  const ManifestImages set = images(
      "{\"source-ref\": \"a/1.png\", \"class\": \"2\"}\n\n"
      "{\"class\": 0, \"source-ref\": \"s3://bucket/a/2.png\"}\n",
      {.classes = 3});
  ASSERT_EQ(set.count(), 2);
  std::string scratch;
  EXPECT_EQ(set.image(0, scratch), "bytes of a/1.png");
  EXPECT_EQ(set.image(1, scratch), "bytes of s3:/bucket/a/2.png");
  EXPECT_EQ(set.label(0), 2);
  EXPECT_EQ(set.label(1), 0);
  EXPECT_EQ(set.name(1), "m.manifest, line 3, s3://bucket/a/2.png");
  EXPECT_EQ(set.reference(1), "s3://bucket/a/2.png");
  EXPECT_EQ(set.bytes(), 16 + 27);
}

TEST_F(Manifest, SeveralLabelsComeInTheFormThatIsNamed) {
  const auto classes = [this](const std::string& label, ClassListForm form) {
    const ManifestImages set = images("{\"source-ref\": \"a/1.png\", \"class\": " + label + "}",
                                      {.classes = 3, .multi_label = true, .class_list = form});
    const std::span<const float> all = set.labels(0);
    return std::vector<float>(all.begin(), all.end());
  };
  for (const char* label : {"[1, 0, 1]", "\"[1, 0, 1]\""})
    EXPECT_EQ(classes(label, ClassListForm::MultiHot), (std::vector<float>{0, 2})) << label;
  for (const char* label : {"[2, 0]", "\"[0, 2]\""})
    EXPECT_EQ(classes(label, ClassListForm::ClassId), (std::vector<float>{0, 2})) << label;
  EXPECT_TRUE(classes("[]", ClassListForm::ClassId).empty());
}

TEST_F(Manifest, WhatCannotBeUsedIsNamedWithItsLineAndAttribute) {
  const std::string good = "{\"source-ref\": \"a/1.png\", \"class\": 1}\n";
  EXPECT_EQ(
      refusal(good + "{\"source-ref\": \"a/1.png\", \"class\": [1]}\n"),
      "m.manifest, line 2, attribute 'class': got \"[1]\", expected one class number, because "
      "the model is not multi-label. Let the attribute hold one class, such as 0, or set "
      "multi_label to 1 in training.");
  EXPECT_EQ(
      refusal(good + "{\"source-ref\": \"a/1.png\", \"class\": \"cat\"}\n"),
      "m.manifest, line 2, attribute 'class': got \"cat\", expected the label of the image, a "
      "class number such as 0. Name the image's attribute and the label's, as in --attributes "
      "source-ref,class.");
  EXPECT_EQ(
      refusal(good + "{\"source-ref\": \"../x.png\", \"class\": 1}\n"),
      "m.manifest, line 2, attribute 'source-ref': got \"../x.png\", expected a path below the "
      "manifest's folder, without '..', leading '/' and links out of it. Write paths relative "
      "to that folder.");
  EXPECT_EQ(
      refusal(good + "{\"source-ref\": \"s3://bucket/b.png\", \"class\": 1}\n" +
              "{\"source-ref\": \"c.png\", \"class\": 1}\n"),
      "m.manifest, line 2, attribute 'source-ref': got \"s3://bucket/b.png\", expected a file "
      "below the manifest's folder (2 of the 3 images are missing). Use 'millrace eval', which "
      "fetches the images of a manifest.");
  EXPECT_NE(refusal("\n").find("m.manifest: got \"no lines\""), std::string::npos);
  EXPECT_NE(refusal("{\"class\": 1}\n").find("m.manifest, line 1, attribute 'source-ref'"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace
