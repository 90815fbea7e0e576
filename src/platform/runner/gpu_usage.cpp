#include "platform/runner/gpu_usage.h"

#include <dlfcn.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace millrace::runner {
namespace {

// What of nvml.h is used; types and values as NVIDIA's NVML API Reference Guide has them.
using NvmlResult = int;
using NvmlDevice = struct NvmlDeviceHandle*;
constexpr NvmlResult kSuccess = 0;
constexpr NvmlResult kInsufficientSize = 7;
constexpr unsigned long long kNotAvailable = ~0ULL;

struct NvmlUtilization {
  unsigned gpu;
  unsigned memory;
};
struct NvmlMemory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
struct NvmlProcess {
  unsigned pid;
  unsigned long long used_memory;
  unsigned gpu_instance;
  unsigned compute_instance;
};

/// How often a list that grows meanwhile is asked for again.
constexpr int kAttempts = 5;

}  // namespace

class Gpus::Nvml {
 public:
  /// nullptr where it cannot be used.
  static std::unique_ptr<Nvml> load(const std::string& library) {
    std::unique_ptr<Nvml> nvml(new Nvml);
    nvml->library_.reset(::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!nvml->library_ || !nvml->find_symbols() || nvml->init_() != kSuccess) return nullptr;
    nvml->initialised_ = true;
    return nvml;
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;
  ~Nvml() {
    if (initialised_) shutdown_();
  }

  [[nodiscard]] unsigned count() const {
    unsigned count = 0;
    return count_(&count) == kSuccess ? count : 0;
  }
  /// nullopt for one that is lost or that this user may not ask.
  [[nodiscard]] std::optional<NvmlDevice> device(unsigned index) const {
    NvmlDevice device = nullptr;
    if (device_(index, &device) != kSuccess) return std::nullopt;
    return device;
  }
  [[nodiscard]] std::optional<std::vector<NvmlProcess>> processes(NvmlDevice device) const {
    std::vector<NvmlProcess> processes(16);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto count = static_cast<unsigned>(processes.size());
      const NvmlResult result = processes_(device, &count, processes.data());
      if (result == kInsufficientSize) {
        processes.resize(std::size_t{2} * count + 16);
        continue;
      }
      if (result != kSuccess) return std::nullopt;
      processes.resize(count);
      return processes;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<unsigned> busy(NvmlDevice device) const {
    NvmlUtilization utilization{};
    if (utilization_(device, &utilization) != kSuccess) return std::nullopt;
    return utilization.gpu;
  }
  [[nodiscard]] std::optional<NvmlMemory> memory(NvmlDevice device) const {
    NvmlMemory memory{};
    if (memory_(device, &memory) != kSuccess || memory.total == 0) return std::nullopt;
    return memory;
  }

 private:
  struct Close {
    void operator()(void* library) const { ::dlclose(library); }
  };

  Nvml() = default;

  template <class Function>
  bool find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(::dlsym(library_.get(), name));
    return function != nullptr;
  }
  bool find_symbols() {
    // The lists of _v2 and _v3 have the same form; drivers before 510 know only the former.
    return find("nvmlInit_v2", init_) && find("nvmlShutdown", shutdown_) &&
           find("nvmlDeviceGetCount_v2", count_) &&
           find("nvmlDeviceGetHandleByIndex_v2", device_) &&
           find("nvmlDeviceGetUtilizationRates", utilization_) &&
           find("nvmlDeviceGetMemoryInfo", memory_) &&
           (find("nvmlDeviceGetComputeRunningProcesses_v3", processes_) ||
            find("nvmlDeviceGetComputeRunningProcesses_v2", processes_));
  }

  std::unique_ptr<void, Close> library_;
  bool initialised_ = false;
  NvmlResult (*init_)() = nullptr;
  NvmlResult (*shutdown_)() = nullptr;
  NvmlResult (*count_)(unsigned*) = nullptr;
  NvmlResult (*device_)(unsigned, NvmlDevice*) = nullptr;
  NvmlResult (*utilization_)(NvmlDevice, NvmlUtilization*) = nullptr;
  NvmlResult (*memory_)(NvmlDevice, NvmlMemory*) = nullptr;
  NvmlResult (*processes_)(NvmlDevice, unsigned*, NvmlProcess*) = nullptr;
};

Gpus::Gpus(std::string library) : library_(std::move(library)) {}
Gpus::~Gpus() = default;

std::optional<GpuUsage> Gpus::usage(const std::set<pid_t>& processes) {
  if (!std::exchange(loaded_, true)) nvml_ = Nvml::load(library_);
  if (!nvml_) return std::nullopt;
  GpuUsage all;
  const auto add = [](std::optional<double>& sum, double more) { sum = sum.value_or(0) + more; };
  for (unsigned index = 0; index < nvml_->count(); ++index) {
    const auto device = nvml_->device(index);
    const auto running = device ? nvml_->processes(*device) : std::nullopt;
    if (!running) continue;
    std::uint64_t used = 0;
    bool used_is_known = true;
    for (const NvmlProcess& process : *running) {
      if (!processes.contains(static_cast<pid_t>(process.pid))) continue;
      used_.insert(index);
      used_is_known = used_is_known && process.used_memory != kNotAvailable;
      used += process.used_memory;
    }
    if (!used_.contains(index)) continue;
    if (const auto busy = nvml_->busy(*device)) add(all.busy, *busy);
    if (const auto memory = nvml_->memory(*device)) {
      // Some drivers do not say whose memory it is: then it is all that is taken.
      const auto taken = static_cast<double>(used_is_known ? used : memory->used);
      add(all.memory, 100 * taken / static_cast<double>(memory->total));
    }
  }
  if (!all.busy && !all.memory) return std::nullopt;
  return all;
}

}  // namespace millrace::runner
