#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/vision/attribute_label.h"
#include "trainer/vision/image_set.h"
#include "trainer/vision/label_table.h"

namespace millrace {

/// Images of an augmented manifest that are files below the manifest's folder, under the very text
/// that the manifest has for them: `a/1.jpg`, or for `s3://bucket/a/1.jpg` the file
/// `s3:/bucket/a/1.jpg`, so that a manifest need not be changed to go with objects that were
/// fetched. Files are read where they lie, when they are asked for.
class ManifestImages final : public ImageSet {
 public:
  /// `attributes` are those of the image and of its label (check_image_and_label()). Throws
  /// Error(Customer) naming manifest, line and attribute for what parse_manifest_line() and
  /// classes_of_attribute() refuse, a path that leads out of the folder and one that names no file,
  /// then also how many are missing in all; and for a manifest of no lines.
  ManifestImages(const std::filesystem::path& manifest, const std::vector<std::string>& attributes,
                 const AttributeLabels& labels);

  [[nodiscard]] std::int64_t count() const override {
    return static_cast<std::int64_t>(entries_.size());
  }
  [[nodiscard]] std::int64_t bytes() const override { return bytes_; }
  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override { return labels_[i]; }
  [[nodiscard]] std::string_view image(std::int64_t i, std::string& scratch) const override;
  /// "test.manifest, line 12, s3://bucket/a/1.jpg".
  [[nodiscard]] std::string name(std::int64_t i) const override;
  /// As the manifest has it.
  [[nodiscard]] std::string reference(std::int64_t i) const override { return at(i).path; }

 private:
  struct Entry {
    std::string path;
    std::int64_t line = 0;
  };
  [[nodiscard]] const Entry& at(std::int64_t i) const {
    return entries_[static_cast<std::size_t>(i)];
  }

  std::filesystem::path directory_;
  std::string name_;  ///< of the manifest
  std::vector<Entry> entries_;
  LabelTable labels_;
  std::int64_t bytes_ = 0;
};

}  // namespace millrace
