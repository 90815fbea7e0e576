#include "core/base/team.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace millrace {

Team::Team(int threads) {
  const std::size_t wanted = static_cast<std::size_t>(std::max(threads, 1)) - 1;
  others_.reserve(wanted);
  try {
    while (others_.size() < wanted) others_.emplace_back([this] { follow(); });
  } catch (const std::system_error&) {
    // Where there can be no more threads, those that are there do all of the work.
  }
}

Team::~Team() {
  {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
  }
  began_.notify_all();
}

void Team::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (others_.empty() || count < 2) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    body_ = &body;
    count_ = count;
    next_ = 0;
    failure_ = nullptr;
    busy_ = others_.size();
    ++loops_;
  }
  began_.notify_all();
  work();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return busy_ == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Team::follow() {
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      began_.wait(lock, [&] { return leaving_ || loops_ != seen; });
      if (leaving_) return;
      seen = loops_;
    }
    work();
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) done_.notify_one();
  }
}

void Team::work() {
  try {
    for (std::size_t i = next_++; i < count_; i = next_++) (*body_)(i);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    next_ = count_;
  }
}

}  // namespace millrace
