#pragma once

#include <signal.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/fd.h"

namespace millrace {

/// A file or folder that appears under its name only when it is whole. Until then it is written
/// beside it as "<name>.partial", which is removed when this object goes without commit(), and when
/// the process is ended by Ctrl-C, SIGTERM or a closed terminal.
///
/// One at a time in a process, since the one that takes the signal removes its own.
///
///     PartialOutput output("train.rec");
///     write_to(output.path());
///     output.commit();
class PartialOutput {
 public:
  /// Removes what a killed run left there.
  explicit PartialOutput(std::filesystem::path target);
  /// One that another run can go on with: it is never removed. A signal ends the process when
  /// `before_end` has run, on a thread of this object's.
  PartialOutput(std::filesystem::path target, std::function<void()> before_end);
  PartialOutput(const PartialOutput&) = delete;
  PartialOutput& operator=(const PartialOutput&) = delete;
  ~PartialOutput();

  /// Where to write.
  [[nodiscard]] const std::filesystem::path& path() const { return partial_; }
  /// Syncs a file, and gives file or folder its name. Throws Error(Platform).
  void commit();
  /// The same of a folder, in the place of one that may have the name already: that one is
  /// exchanged for this in one step and then removed.
  void replace();

 private:
  void start();
  void watch();

  std::filesystem::path target_;
  std::filesystem::path partial_;
  std::function<void()> before_end_;  ///< none: what is partial is removed
  std::mutex naming_;  ///< held while the name changes: a signal comes before or after, not between
  sigset_t before_{};
  Fd signals_;
  Fd wake_;
  std::jthread watcher_;
};

/// "train.rec.partial" of "train.rec".
std::filesystem::path partial_path(const std::filesystem::path& target);

}  // namespace millrace
