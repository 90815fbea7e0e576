#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "platform/runner/mounts/read_ahead.h"

namespace millrace::runner {

/// A read-only file system of objects: names and sizes come from the list, bytes from the store
/// when they are read. Objects never change under it (each GET names the version that was listed),
/// so the kernel keeps what it has once seen and a second reading costs no request.
class ObjectView {
 public:
  /// Mounted at `directory` from construction to destruction. Throws Error(Platform) where this
  /// machine or user cannot mount. `meter` counts what is read, and must outlive this. `on_failure`
  /// hears of a read that failed, on any thread.
  ObjectView(std::vector<ViewedObject> objects, const std::filesystem::path& directory,
             ConnectDaemon connect, const Patience& patience, const ReadAheadLimits& limits,
             ChannelMeter& meter, ReadAhead::OnFailure on_failure);
  ~ObjectView();

  /// Fails every read from now on, so that no program can be kept waiting.
  void abort();

 private:
  class Mounted;
  std::unique_ptr<Mounted> mounted_;
};

}  // namespace millrace::runner
