#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace millrace {

/// Threads that are started once and go through one loop after another together: for loops that are
/// short and many, where starting threads for each would cost as much as the work.
///
///     Team team(available_cpus());
///     while (more) team.for_each(parts, [&](std::size_t part) { work_on(part); });
///
/// One thread at a time calls for_each(), and not from within its body.
class Team {
 public:
  /// The caller of for_each() is one of them.
  explicit Team(int threads);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  /// Calls body(i) for each i below `count` and returns when all are done. Rethrows the first
  /// exception; what was not begun then is left out.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  void follow();
  void work();

  std::mutex mutex_;
  std::condition_variable began_;
  std::condition_variable done_;
  std::uint64_t loops_ = 0;  ///< begun so far
  std::size_t busy_ = 0;     ///< others that are not done with the current one
  bool leaving_ = false;
  // Of the current loop; set while the others wait.
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::exception_ptr failure_;
  std::vector<std::jthread> others_;
};

}  // namespace millrace
