#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/recordio.h"
#include "core/io/mapping.h"
#include "trainer/job/channel.h"
#include "trainer/vision/image_set.h"
#include "trainer/vision/label_table.h"

namespace millrace {

/// The labelled images of RecordIO files, by number from 0 in the order of the files. The files are
/// mapped; opening them touches record headers only, so gigabytes are indexed in the time it takes
/// to hop through them.
class ImageRecords final : public ImageSet {
 public:
  struct File {
    std::filesystem::path path;
    std::string name;  ///< for messages: "channel 'train', a.rec"
  };

  /// Throws Error(Customer) naming file, record and byte where a file is not whole RecordIO of
  /// image records, where the labels of one are not what LabelTable takes, and when there is no
  /// record at all.
  explicit ImageRecords(const std::vector<File>& files, std::int64_t target_classes = 0);

  [[nodiscard]] std::int64_t count() const override {
    return static_cast<std::int64_t>(entries_.size());
  }
  [[nodiscard]] std::int64_t bytes() const override;
  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override { return labels_[i]; }
  [[nodiscard]] std::string_view image(std::int64_t i, std::string& scratch) const override;
  [[nodiscard]] std::string name(std::int64_t i) const override;
  /// The record's number counts from 0 in its file.
  [[nodiscard]] std::string reference(std::int64_t i) const override;

 private:
  struct Entry {
    RecordSpan span;
    std::uint32_t file = 0;
  };
  struct OpenFile {
    std::string name;
    std::string file_name;
    Mapping mapping;
    std::int64_t first_entry = 0;
  };
  [[nodiscard]] const Entry& at(std::int64_t i) const {
    return entries_[static_cast<std::size_t>(i)];
  }

  std::vector<OpenFile> files_;
  std::vector<Entry> entries_;
  LabelTable labels_;
};

/// The `.rec` files of a channel, or all of its files where none has that ending (im2rec leaves
/// `.idx` and `.lst` files beside them).
std::vector<ImageRecords::File> record_files(const Channel& channel);

}  // namespace millrace
