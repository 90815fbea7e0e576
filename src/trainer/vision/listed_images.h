#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "trainer/job/channel.h"
#include "trainer/vision/image_files.h"
#include "trainer/vision/label_table.h"

namespace millrace {

/// The one `.lst` file of a list channel. Throws Error(Customer) naming the channel when there is
/// none, or more than one.
std::filesystem::path find_list(const Channel& list);

/// JPEG and PNG files below one directory, labelled by a list. An image's reference is the path as
/// the list has it.
class ListedImages final : public ImageFiles {
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

  [[nodiscard]] std::span<const float> labels(std::int64_t i) const override { return labels_[i]; }
  /// "channel 'train', cats/1.jpg (train.lst, line 12)".
  [[nodiscard]] std::string name(std::int64_t i) const override;

 private:
  std::string place_;                ///< for messages
  std::string list_;                 ///< file name
  std::vector<std::int64_t> lines_;  ///< of the list, by image
  LabelTable labels_;
};

}  // namespace millrace
