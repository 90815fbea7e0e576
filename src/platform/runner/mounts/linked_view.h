#pragma once

#include <filesystem>
#include <memory>

#include "core/base/fd.h"
#include "platform/runner/mounts/linked_objects.h"

namespace millrace::runner {

/// A directory in which a bucket's objects appear as files at once and are fetched into it when
/// they are opened; everything else passes through to the directory. What a program writes goes to
/// the directory and never to the bucket. A file that it removes stays away as long as the view
/// exists.
///
/// Names and sizes may be a second old where other jobs change the same directory.
class LinkedView {
 public:
  /// Mounted at `place` from construction to destruction. `objects` must outlive it. Throws
  /// Error(Platform) where this machine or user cannot mount.
  LinkedView(const Fd& directory, LinkedObjects& objects, const std::filesystem::path& place,
             bool read_only);
  ~LinkedView();

 private:
  class Mounted;
  std::unique_ptr<Mounted> mounted_;
};

}  // namespace millrace::runner
