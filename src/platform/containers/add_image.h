#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/io/progress.h"
#include "platform/containers/exported_image.h"
#include "platform/containers/image_record.h"
#include "platform/containers/image_store.h"
#include "platform/containers/root_tree.h"

namespace millrace::containers {

/// Where an unpacked image is to go, and how much of one is accepted.
struct Unpacking {
  const ImageStore& store;  ///< whose lock_for_adding() is held
  TreeLimits limits;
  std::optional<Owner> owner{};
};

/// Unpacks the image, every layer checked; it appears in the store whole or not at all, also when
/// the process is ended by a signal. Where the store has it already, from another export, the
/// layers of this one are only checked, and its manifest is kept. `kind` and `source` are told of
/// it. Throws Error(Customer) for an image that is damaged, malicious or too large, naming the
/// layer.
ImageRecord add_exported_image(const ImageFiles& files, const ExportedImage& image,
                               const std::string& kind, const Unpacking& unpacking);

/// Copies a directory that is a root file system already. What an image would say about running it
/// is in `config`, whose diff_ids are made here. Throws Error(Customer) when the directory changes
/// meanwhile or is nested deeper than 128.
ImageRecord add_root_file_system(const std::filesystem::path& directory, ImageConfig config,
                                 const Unpacking& unpacking);

}  // namespace millrace::containers
