#include "core/data/manifest_labels.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace {
namespace {

using Classes = std::vector<std::int64_t>;

TEST(ManifestLabels, EveryFormOfAClassLabelReads) {
  for (const char* text : {"2", "\"2\""})
    EXPECT_EQ(parse_class_labels(text, ClassListForm::MultiHot, 3, "label"), Classes{2}) << text;
  for (const char* text : {"[1, 0, 1]", "\"[1, 0, 1]\""})
    EXPECT_EQ(parse_class_labels(text, ClassListForm::MultiHot, 3, "label"), (Classes{0, 2}))
        << text;
  for (const char* text : {"[2, 0]", "\"[0, 2, 2]\""})
    EXPECT_EQ(parse_class_labels(text, ClassListForm::ClassId, 3, "label"), (Classes{0, 2}))
        << text;
}

TEST(ManifestLabels, WhatNamesNoClassIsRefused) {
  for (const char* text : {"3", "-1", "1.5", "x", "[1, 0]", "[1, 0, 2]", "{}", "null", "\"\""})
    EXPECT_THROW((void)parse_class_labels(text, ClassListForm::MultiHot, 3, "label"), Error)
        << text;
  EXPECT_THROW((void)parse_class_labels("[3]", ClassListForm::ClassId, 3, "label"), Error);
}

TEST(ManifestLabels, MetadataOfGroundTruthReads) {
  const Json line = parse_json(R"({"source-ref": "s3://b/1.jpg", "class": 1, "class-metadata": {
      "class-name": "dog", "job-name": "labeling-job/pets", "confidence": 0.94, "type": "groundtruth/image-classification",
      "human-annotated": "yes", "creation-date": "2018-10-18T22:18:13.527256"}})",
                               "line");
  const auto metadata = parse_label_metadata(line, "class", "m, line 1");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->class_name, "dog");
  EXPECT_EQ(metadata->job_name, "labeling-job/pets");
  EXPECT_EQ(metadata->human_annotated, true);
  EXPECT_EQ(metadata->confidence, 0.94);
  EXPECT_FALSE(parse_label_metadata(line, "other", "m, line 1"));
}

TEST(ManifestLabels, SeveralClassesHaveMapsOfNamesAndConfidences) {
  const Json line = parse_json(
      R"({"t-metadata": {"class-map": {"0": "cat", "4": "dog"}, "confidence-map": {"4": 0.5}}})",
      "line");
  const auto metadata = parse_label_metadata(line, "t", "m, line 1");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->class_map,
            (std::vector<std::pair<std::int64_t, std::string>>{{0, "cat"}, {4, "dog"}}));
  EXPECT_EQ(metadata->confidence_map, (std::vector<std::pair<std::int64_t, double>>{{4, 0.5}}));
}

TEST(ManifestLabels, MetadataOfAnotherTypeIsRefusedWithItsMember) {
  try {
    (void)parse_label_metadata(parse_json(R"({"t-metadata": {"confidence": "high"}})", "line"), "t",
                               "m, line 1");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "m, line 1, 't-metadata': member 'confidence': got \"\"high\"\", expected a number. "
        "Write the manifest as Ground Truth does.");
  }
}

}  // namespace
}  // namespace millrace
