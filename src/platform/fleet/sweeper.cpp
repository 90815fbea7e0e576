#include "platform/fleet/sweeper.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/io/tree.h"

namespace millrace::fleet {
namespace {

// No workload begins with a dot, so it never meets one's directory.
constexpr std::string_view kPrefix = ".gone-";
constexpr std::size_t kMaxWaiting = 4096;
// A sandbox that dies with its supervisor may still write for a moment; what cannot be removed now
// is removed at the next start.
constexpr int kAttempts = 5;
constexpr std::chrono::milliseconds kPause{200};

}  // namespace

Sweeper::Sweeper(std::filesystem::path work) : work_(std::move(work)), doomed_(kMaxWaiting) {
  std::filesystem::create_directories(work_);
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (const std::optional<std::filesystem::path> path = doomed_.pop()) {
      if (stop.stop_requested()) return;
      for (int attempt = 0; attempt < kAttempts; ++attempt) {
        if (remove_tree(*path)) break;
        std::this_thread::sleep_for(kPause);
      }
    }
  });
}

Sweeper::~Sweeper() {
  thread_.request_stop();
  doomed_.close();
}

void Sweeper::sweep(const std::string& workload) {
  remove_later(work_ / workload);
}

void Sweeper::sweep_all_but(const std::vector<std::string>& workloads) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(work_))
    found.push_back(entry.path());
  for (const std::filesystem::path& path : found) {
    const std::string name = path.filename().string();
    const bool in_use = std::any_of(
        workloads.begin(), workloads.end(),
        [&](const std::string& workload) { return equal_ignoring_case(workload, name); });
    if (!in_use) remove_later(path);
  }
}

void Sweeper::remove_later(const std::filesystem::path& path) {
  const std::filesystem::path aside = work_ / (std::string(kPrefix) + random_hex(8));
  std::error_code failure;
  std::filesystem::rename(path, aside, failure);
  if (!failure) doomed_.push(aside);
}

}  // namespace millrace::fleet
