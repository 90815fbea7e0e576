#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace millrace::runner {

/// What a job's processes have taken of the GPUs they use, in percent, 100 for each GPU: two that
/// are busy all the time are 200. A figure that no driver gave is absent.
struct GpuUsage {
  std::optional<double> busy;    ///< of the time since the driver's last look, at most a second
  std::optional<double> memory;  ///< of all that these GPUs have
};

/// The GPUs of this machine, by NVIDIA's management library (NVML), which is loaded when there is
/// first something to ask: Millrace is not linked with it. Where it is absent, fails to start or is
/// too old to name the processes of a GPU, there are no GPUs. One thread at a time.
class Gpus {
 public:
  static constexpr const char* kLibrary = "libnvidia-ml.so.1";
  /// As dlopen() takes it.
  explicit Gpus(std::string library);
  Gpus(const Gpus&) = delete;
  Gpus& operator=(const Gpus&) = delete;
  ~Gpus();

  /// Of the GPUs that one of `processes` uses, or that an earlier call found used by one: those of
  /// the job, whatever else the machine has. nullopt as long as there are none. A GPU that has
  /// been lost is left out.
  std::optional<GpuUsage> usage(const std::set<pid_t>& processes);

 private:
  class Nvml;

  const std::string library_;
  bool loaded_ = false;  ///< or tried to
  std::unique_ptr<Nvml> nvml_;
  std::set<unsigned> used_;  ///< by index
};

}  // namespace millrace::runner
