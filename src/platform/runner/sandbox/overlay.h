#pragma once

#include <filesystem>
#include <string>

#include "platform/runner/sandbox/sandbox.h"

namespace millrace::runner {

/// A writable view of an image's root file system: overlayfs, whose upper layer is the job's own.
/// It is mounted by the process that becomes bubblewrap, in a mount namespace of its own, so that
/// it ends with the program. An ordinary user may mount it in a user namespace of its own only
/// (since Linux 5.11).
class Overlay {
 public:
  /// Empties root.changes and makes the layers' directories in it. Must not be moved afterwards.
  explicit Overlay(const RootFileSystem& root);
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  [[nodiscard]] const std::filesystem::path& mounted_at() const { return merged_; }

  /// Between fork and exec: makes only system calls. False, with errno set, where it cannot be.
  [[nodiscard]] bool mount() const;

 private:
  std::filesystem::path merged_;
  std::string for_root_;  ///< options of mount(2)
  std::string for_users_;
  std::string user_map_;
  std::string group_map_;
};

/// Throws Error(Customer) where a bind of the order would have to be mounted through a link of the
/// image or in the place of a file: bubblewrap, which sees this machine's files while it mounts,
/// follows links.
void check_bind_targets(const SandboxOrder& order);

}  // namespace millrace::runner
