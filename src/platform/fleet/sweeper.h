#pragma once

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/base/bounded_queue.h"

namespace millrace::fleet {

/// Removes the directories that workloads leave behind. A directory disappears from its place at
/// once, by a rename; its content, which may be a whole data set, is removed by a thread of its
/// own.
class Sweeper {
 public:
  /// `work` is the directory that holds one directory per workload; made if missing.
  explicit Sweeper(std::filesystem::path work);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  /// Harmless when there is no such directory.
  void sweep(const std::string& workload);
  /// Everything in the directory but the workloads named, without regard to case; what an earlier
  /// run had not finished too.
  void sweep_all_but(const std::vector<std::string>& workloads);

 private:
  void remove_later(const std::filesystem::path& path);

  const std::filesystem::path work_;
  BoundedQueue<std::filesystem::path> doomed_;
  std::jthread thread_;
};

}  // namespace millrace::fleet
