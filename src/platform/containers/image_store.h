#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/base/fd.h"
#include "platform/containers/image_record.h"

namespace millrace::containers {

/// Who is to own what is made, when this process is root and the daemon is not.
struct Owner {
  uid_t user;
  gid_t group;
};
/// Gives `path`, no link followed, to the owner if there is one.
void give(const std::filesystem::path& path, const std::optional<Owner>& owner);

/// Unpacked images, <data>/images/<64 digits of the id>/:
///
///     rootfs/                 the root file system, which nobody changes again
///     image.json              the ImageRecord
///     manifests/<64 digits>   every manifest that it was exported with, under its digest
///     manifest.json           the only one of an image that an older version added
///
/// Each is written beside its place and renamed, so that what is there is whole. Whoever runs one
/// holds a shared flock on its directory (runner::hold_image), and whoever adds one holds
/// lock_for_adding(); nothing that is held is removed.
class ImageStore {
 public:
  /// One that holds nothing.
  ImageStore() = default;
  explicit ImageStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Only one image is added at a time. Makes the store's directory where it is not there, for
  /// `owner`. Waits for another that is being added, and calls `waiting` before.
  [[nodiscard]] Fd lock_for_adding(const std::optional<Owner>& owner,
                                   const std::function<void()>& waiting) const;

  /// Where the image `id` is, or would be.
  [[nodiscard]] std::filesystem::path place(const std::string& id) const;
  [[nodiscard]] std::filesystem::path root_of(const std::string& id) const {
    return place(id) / "rootfs";
  }
  /// nullopt when it is not there. Throws Error(Customer) when `id` is no digest.
  [[nodiscard]] std::optional<ImageRecord> find(const std::string& id) const;
  /// Where the text of its manifest `digest` is, or would be. Throws as place() does.
  [[nodiscard]] std::filesystem::path manifest_place(const std::string& id,
                                                     const std::string& digest) const;
  /// The text of that manifest; empty unless it is there, has the digest and is of this image.
  [[nodiscard]] std::string manifest_of(const std::string& id, const std::string& digest) const;
  /// As long as what is returned is open, no program starts in the image, which need not be there.
  /// nullopt when one runs in it.
  [[nodiscard]] std::optional<Fd> claim(const std::string& id) const;
  /// Removes everything but `ids` and what is in use; nothing while an image is being added.
  void sweep(const std::set<std::string>& ids) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace millrace::containers
