#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "platform/runner/workspace.h"

namespace millrace::runner {

/// What the figures are shares of.
struct InstanceSize {
  std::int64_t memory_bytes = 0;  ///< 0: no limit but the machine's memory
  std::int64_t volume_bytes = 0;  ///< 0: no limit, and no DiskUtilization
};

/// Measures the program while it lives, under the names that CloudWatch has for an instance:
/// CPUUtilization (100 for each busy core), MemoryUtilization and DiskUtilization (of 100), and
/// where the program uses GPUs GPUUtilization and GPUMemoryUtilization (100 for each of them),
/// first after a second and then every ten seconds. The volume, whose files have to be counted, is
/// measured once a minute.
class InstanceMetrics {
 public:
  using Report = std::function<void(const std::string& name, double value)>;

  /// `workspace` must outlive this; `report` is called on a thread of its own.
  InstanceMetrics(const Workspace& workspace, const InstanceSize& size, Report report);

 private:
  std::jthread thread_;
};

}  // namespace millrace::runner
