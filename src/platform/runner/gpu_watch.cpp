#include "platform/runner/gpu_watch.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace millrace::runner {

struct GpuWatch::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<std::set<pid_t>> asked;
  bool busy = false;  ///< asked, and not answered yet
  std::optional<GpuUsage> found;
  bool end = false;
  bool ended = false;
};

GpuWatch::GpuWatch(Options options)
    : options_(std::move(options)), shared_(std::make_shared<Shared>()) {
  std::thread(answer, shared_, options_.library).detach();
}

GpuWatch::~GpuWatch() {
  std::unique_lock lock(shared_->mutex);
  shared_->end = true;
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, options_.patience, [&] { return shared_->ended; });
}

std::optional<GpuUsage> GpuWatch::usage(const std::set<pid_t>& processes) {
  std::unique_lock lock(shared_->mutex);
  if (shared_->busy) return std::nullopt;
  shared_->busy = true;
  shared_->asked = processes;
  shared_->changed.notify_all();
  if (!shared_->changed.wait_for(lock, options_.patience, [&] { return !shared_->busy; }))
    return std::nullopt;
  return std::exchange(shared_->found, std::nullopt);
}

void GpuWatch::answer(const std::shared_ptr<Shared>& shared, const std::string& library) {
  {
    Gpus gpus(library);
    std::unique_lock lock(shared->mutex);
    for (;;) {
      shared->changed.wait(lock, [&] { return shared->end || shared->asked; });
      if (shared->end) break;
      const std::set<pid_t> processes = *std::exchange(shared->asked, std::nullopt);
      lock.unlock();
      std::optional<GpuUsage> found = gpus.usage(processes);
      lock.lock();
      shared->found = found;
      shared->busy = false;
      shared->changed.notify_all();
    }
    lock.unlock();
  }
  const std::lock_guard lock(shared->mutex);
  shared->ended = true;
  shared->changed.notify_all();
}

}  // namespace millrace::runner
