#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/vision/attribute_label.h"
#include "trainer/vision/image_files.h"
#include "trainer/vision/label_table.h"

namespace millrace {

/// Images of an augmented manifest that are files below the manifest's folder, under the very text
/// that the manifest has for them: `a/1.jpg`, or for `s3://bucket/a/1.jpg` the file
/// `s3:/bucket/a/1.jpg`, so that a manifest need not be changed to go with objects that were
/// fetched. That text is an image's reference, too.
class ManifestImages final : public ImageFiles {
 public:
  /// `attributes` are those of the image and of its label (check_image_and_label()). Throws
  /// Error(Customer) naming manifest, line and attribute for what parse_manifest_line() and
  /// classes_of_attribute() refuse, a path that leads out of the folder and one that names no file,
  /// then also how many are missing in all; and for a manifest of no lines.
  ManifestImages(const std::filesystem::path& manifest, const std::vector<std::string>& attributes,
                 const AttributeLabels& labels);

  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override { return labels_[i]; }
  /// "test.manifest, line 12, s3://bucket/a/1.jpg".
  [[nodiscard]] std::string name(std::int64_t i) const override;

 private:
  std::string name_;                 ///< of the manifest
  std::vector<std::int64_t> lines_;  ///< of the manifest, by image
  LabelTable labels_;
};

}  // namespace millrace
