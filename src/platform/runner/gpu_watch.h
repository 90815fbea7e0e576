#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "platform/runner/gpu_usage.h"

namespace millrace::runner {

/// Asks Gpus on a thread of its own, for a driver that has lost a GPU may never answer: no job
/// waits for one at its end. One thread at a time.
class GpuWatch {
 public:
  struct Options {
    std::string library = Gpus::kLibrary;
    /// For an answer, and at the end.
    std::chrono::milliseconds patience = std::chrono::seconds(2);
  };

  GpuWatch() : GpuWatch(Options()) {}
  explicit GpuWatch(Options options);
  GpuWatch(const GpuWatch&) = delete;
  GpuWatch& operator=(const GpuWatch&) = delete;
  ~GpuWatch();

  /// As Gpus::usage(); nullopt, too, while the driver does not answer.
  std::optional<GpuUsage> usage(const std::set<pid_t>& processes);

 private:
  struct Shared;

  static void answer(const std::shared_ptr<Shared>& shared, const std::string& library);

  const Options options_;
  std::shared_ptr<Shared> shared_;  ///< with the thread, which may outlive this
};

}  // namespace millrace::runner
