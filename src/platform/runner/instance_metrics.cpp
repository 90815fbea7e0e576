#include "platform/runner/instance_metrics.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "platform/runner/gpu_watch.h"
#include "platform/runner/process_usage.h"

namespace millrace::runner {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kFirst{1};
constexpr std::chrono::seconds kPeriod{10};
constexpr std::chrono::minutes kVolumePeriod{1};

std::int64_t machine_memory() {
  return std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
}

void measure(const std::stop_token& end, const Workspace& workspace, const InstanceSize& size,
             const InstanceMetrics::Report& report) {
  std::mutex mutex;
  std::condition_variable_any changed;
  const auto pause = [&](Clock::duration time) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, end, time, [] { return false; });
    return !end.stop_requested();
  };
  const std::int64_t memory_bytes = size.memory_bytes > 0 ? size.memory_bytes : machine_memory();
  Clock::time_point before = Clock::now();
  Clock::time_point volume_due = before;
  double cpu_before = usage_below(::getpid()).cpu_seconds;
  GpuWatch gpus;
  for (Clock::duration wait = kFirst; pause(wait); wait = kPeriod) {
    const ProcessUsage usage = usage_below(::getpid());
    const Clock::time_point at = Clock::now();
    const double seconds = std::chrono::duration<double>(at - before).count();
    // A process that was killed without a parent to wait for it takes its time along.
    const double cpu = std::max(0.0, usage.cpu_seconds - cpu_before);
    report("CPUUtilization", 100 * cpu / seconds);
    report("MemoryUtilization",
           100 * static_cast<double>(usage.memory_bytes) / static_cast<double>(memory_bytes));
    if (const auto gpu = gpus.usage(usage.processes)) {
      if (gpu->busy) report("GPUUtilization", *gpu->busy);
      if (gpu->memory) report("GPUMemoryUtilization", *gpu->memory);
    }
    before = at;
    cpu_before = usage.cpu_seconds;
    if (size.volume_bytes <= 0 || at < volume_due) continue;
    report("DiskUtilization", 100 * static_cast<double>(workspace.used_bytes()) /
                                  static_cast<double>(size.volume_bytes));
    volume_due = Clock::now() + kVolumePeriod;
  }
}

}  // namespace

InstanceMetrics::InstanceMetrics(const Workspace& workspace, const InstanceSize& size,
                                 Report report)
    : thread_([&workspace, size, report = std::move(report)](const std::stop_token& end) {
        measure(end, workspace, size, report);
      }) {}

}  // namespace millrace::runner
