#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/job/channel.h"
#include "trainer/vision/image_set.h"
#include "trainer/vision/label_table.h"

namespace millrace {

/// The one `.lst` file of a list channel. Throws Error(Customer) naming the channel when there is
/// none, or more than one.
std::filesystem::path find_list(const Channel& list);

/// JPEG and PNG files below one directory, labelled by a list. Files are read where they lie, when
/// they are asked for.
class ListedImages final : public ImageSet {
 public:
  /// Reads the list and looks at every file it names. Throws Error(Customer) naming list, line and
  /// column for what core/data/lst.h refuses, for a line whose labels are not what LabelTable
  /// takes, an index that an earlier line has, a path that leads out of the channel (by '..', as an
  /// absolute path or through a link), and a path that names no file; then also how many are
  /// missing in all.
  ListedImages(const Channel& images, const Channel& list, std::int64_t target_classes = 0);

  /// The same of files that are no job's.
  struct Place {
    std::filesystem::path directory;
    std::string name;  ///< for messages: "channel 'train'", "val/"
    std::filesystem::path list;
    std::string list_name;    ///< for messages: "channel 'train_lst', train.lst"
    std::string paths_begin;  ///< what paths in the list are relative to: "the channel's S3Uri"
  };
  explicit ListedImages(const Place& place, std::int64_t target_classes = 0);

  [[nodiscard]] std::int64_t count() const override {
    return static_cast<std::int64_t>(entries_.size());
  }
  [[nodiscard]] std::int64_t bytes() const override { return bytes_; }
  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override { return labels_[i]; }
  [[nodiscard]] std::string_view image(std::int64_t i, std::string& scratch) const override;
  /// "channel 'train', cats/1.jpg (train.lst, line 12)".
  [[nodiscard]] std::string name(std::int64_t i) const override;
  /// The path as the list has it.
  [[nodiscard]] std::string reference(std::int64_t i) const override { return at(i).path; }

 private:
  struct Entry {
    std::string path;
    std::int64_t line = 0;
  };
  [[nodiscard]] const Entry& at(std::int64_t i) const {
    return entries_[static_cast<std::size_t>(i)];
  }

  std::string place_;  ///< for messages
  std::filesystem::path directory_;
  std::string list_;  ///< file name
  std::vector<Entry> entries_;
  LabelTable labels_;
  std::int64_t bytes_ = 0;
};

}  // namespace millrace
