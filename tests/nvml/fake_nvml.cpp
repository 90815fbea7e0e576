// A library with the functions of NVIDIA's NVML that Millrace calls, for machines without a GPU.
// What it answers stands in the file that the environment variable FAKE_NVML names, else in the
// file "gpus" beside the library, read again with every call:
//
//     init 9                       what nvmlInit_v2 answers; absent: 0
//     gpu BUSY TOTAL PID:USED ...  percent, bytes; PID may be "all", USED may be "unknown"
//     gpu lost                     every question about it is answered with GPU_IS_LOST
//     hang                         no question is answered as long as this stands there
//
// Source of types and values: NVIDIA, NVML API Reference Guide.

#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr int kSuccess = 0;
constexpr int kInvalidArgument = 2;
constexpr int kInsufficientSize = 7;
constexpr int kGpuIsLost = 15;

struct Gpu {
  bool lost = false;
  unsigned busy = 0;
  unsigned long long total = 0;
  std::vector<std::pair<unsigned, unsigned long long>> processes{};
};

struct State {
  int init = kSuccess;
  std::vector<Gpu> gpus;
};

std::filesystem::path file_of_state() {
  if (const char* const path = std::getenv("FAKE_NVML")) return path;
  Dl_info self{};
  ::dladdr(reinterpret_cast<void*>(&file_of_state), &self);
  return std::filesystem::path(self.dli_fname).parent_path() / "gpus";
}

State state() {
  State read;
  std::ifstream file(file_of_state());
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "hang") {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return state();
    }
    if (word == "init") words >> read.init;
    if (word != "gpu") continue;
    Gpu gpu;
    words >> word;
    gpu.lost = word == "lost";
    gpu.busy = static_cast<unsigned>(std::strtoul(word.c_str(), nullptr, 10));
    words >> gpu.total;
    while (words >> word) {
      const std::string used = word.substr(word.find(':') + 1);
      const unsigned long long bytes =
          used == "unknown" ? ~0ULL : std::strtoull(used.c_str(), nullptr, 10);
      if (word.starts_with("all:")) {
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
          const unsigned long pid = std::strtoul(entry.path().filename().c_str(), nullptr, 10);
          if (pid != 0) gpu.processes.emplace_back(pid, bytes);
        }
      } else {
        gpu.processes.emplace_back(std::strtoul(word.c_str(), nullptr, 10), bytes);
      }
    }
    read.gpus.push_back(std::move(gpu));
  }
  return read;
}

/// Handles are the numbers of the devices, from 1.
template <class Answer>
int about(void* device, Answer answer) {
  const auto number = reinterpret_cast<std::size_t>(device);
  const State now = state();
  if (number == 0 || number > now.gpus.size()) return kInvalidArgument;
  const Gpu& gpu = now.gpus[number - 1];
  return gpu.lost ? kGpuIsLost : answer(gpu);
}

struct Utilization {
  unsigned gpu;
  unsigned memory;
};
struct Memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
struct Process {
  unsigned pid;
  unsigned long long used;
  unsigned gpu_instance;
  unsigned compute_instance;
};

}  // namespace

extern "C" {

int nvmlInit_v2() {
  return state().init;
}
int nvmlShutdown() {
  return kSuccess;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(state().gpus.size());
  return kSuccess;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = reinterpret_cast<void*>(std::size_t{index} + 1);
  return about(*device, [](const Gpu&) { return kSuccess; });
}

int nvmlDeviceGetUtilizationRates(void* device, Utilization* rates) {
  return about(device, [&](const Gpu& gpu) {
    *rates = {gpu.busy, 0};
    return kSuccess;
  });
}

int nvmlDeviceGetMemoryInfo(void* device, Memory* memory) {
  return about(device, [&](const Gpu& gpu) {
    *memory = {gpu.total, gpu.total / 4, gpu.total - gpu.total / 4};
    return kSuccess;
  });
}

#ifndef FAKE_NVML_WITHOUT_PROCESSES
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, Process* processes) {
  return about(device, [&](const Gpu& gpu) {
    const auto room = std::exchange(*count, static_cast<unsigned>(gpu.processes.size()));
    if (room < gpu.processes.size()) return kInsufficientSize;
    for (const auto& [pid, used] : gpu.processes) *processes++ = {pid, used, 0, 0};
    return kSuccess;
  });
}
#endif

}  // extern "C"
