#pragma once

#include <mutex>
#include <utility>

namespace millrace {

/// A value that can only be reached under its own mutex.
///
///     Guarded<std::map<std::string, Job>> jobs;
///     const bool known = jobs.with([&](auto& map) { return map.contains(name); });
template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  /// Calls `use` with the value while the mutex is held and returns its result (by value).
  template <class Use>
  auto with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  auto with(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace millrace
