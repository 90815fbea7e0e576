#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace millrace {

/// Runs the calls of many threads on one thread of its own, those that are there at the same time
/// together. For work of which two pieces cost less than twice one, or which must not run twice at
/// once, or which brings threads of its own along: libgomp makes a team for every thread that
/// computes.
///
/// A call that comes alone is run at once. The calls of all visitors that have announced
/// themselves are waited for, but no longer than `delay`; and whoever comes while others are being
/// run is run with all who did.
///
///     CombinedCalls<Question> calls([&](std::span<Question* const> all) { ... }, 1ms, 64);
///     auto visit = calls.announce();     // on any thread
///     Question question = read(request);
///     visit.call(question, 1);           // returns when it has been run
template <class Call>
class CombinedCalls {
 public:
  using Run = std::function<void(std::span<Call* const>)>;

  /// `run` gets calls whose weights make up at most `most_weight`, or one heavier call. Where it
  /// throws for several, each is run alone, so that a faulty one harms no other.
  CombinedCalls(Run run, std::chrono::microseconds delay, std::size_t most_weight)
      : run_(std::move(run)),
        delay_(delay),
        most_weight_(most_weight),
        thread_([this](const std::stop_token&) { work(); }) {}
  CombinedCalls(const CombinedCalls&) = delete;
  CombinedCalls& operator=(const CombinedCalls&) = delete;
  /// There must be no visits any more.
  ~CombinedCalls() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
  }

  /// Somebody who is about to call, or to find that there is nothing to call for.
  class Visit {
   public:
    explicit Visit(CombinedCalls& calls) : calls_(calls) {
      const std::lock_guard lock(calls_.mutex_);
      ++calls_.announced_;
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
      const std::lock_guard lock(calls_.mutex_);
      withdraw();
    }

    /// Waits until the call has been run; throws what running it threw. Further calls of a visit
    /// are not waited for.
    void call(Call& call, std::size_t weight) {
      Waiting waiting{.call = &call, .weight = weight};
      std::unique_lock lock(calls_.mutex_);
      calls_.queue_.push_back(&waiting);
      withdraw();
      calls_.arrived_.notify_one();
      waiting.done.wait(lock, [&] { return waiting.is_done; });
      if (waiting.failure) std::rethrow_exception(waiting.failure);
    }

   private:
    /// Under the mutex.
    void withdraw() {
      if (!std::exchange(pending_, false)) return;
      if (--calls_.announced_ == 0) calls_.arrived_.notify_one();
    }

    CombinedCalls& calls_;
    bool pending_ = true;
  };

  [[nodiscard]] Visit announce() { return Visit(*this); }

 private:
  struct Waiting {
    Call* call = nullptr;
    std::size_t weight = 0;
    std::exception_ptr failure = nullptr;
    bool is_done = false;
    std::condition_variable done{};
  };

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      if (delay_.count() > 0)
        arrived_.wait_for(lock, delay_, [&] { return announced_ == 0 || is_full(); });
      const std::vector<Waiting*> taken = take();
      lock.unlock();
      run(taken);
      lock.lock();
      for (Waiting* waiting : taken) {
        // Under the mutex, or the caller could be gone before it is notified.
        waiting->is_done = true;
        waiting->done.notify_one();
      }
    }
  }

  [[nodiscard]] bool is_full() const {
    std::size_t weight = 0;
    for (const Waiting* waiting : queue_) weight += waiting->weight;
    return weight >= most_weight_;
  }

  std::vector<Waiting*> take() {
    std::vector<Waiting*> taken;
    std::size_t weight = 0;
    while (!queue_.empty()) {
      weight += queue_.front()->weight;
      if (!taken.empty() && weight > most_weight_) break;
      taken.push_back(queue_.front());
      queue_.pop_front();
    }
    return taken;
  }

  void run(const std::vector<Waiting*>& taken) {
    std::vector<Call*> calls;
    for (const Waiting* waiting : taken) calls.push_back(waiting->call);
    try {
      run_(calls);
      return;
    } catch (...) {
      if (taken.size() == 1) {
        taken[0]->failure = std::current_exception();
        return;
      }
    }
    for (Waiting* waiting : taken) {
      try {
        run_({&waiting->call, 1});
      } catch (...) {
        waiting->failure = std::current_exception();
      }
    }
  }

  const Run run_;
  const std::chrono::microseconds delay_;
  const std::size_t most_weight_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Waiting*> queue_;
  std::size_t announced_ = 0;  ///< visits that have not called yet
  bool stopping_ = false;
  std::jthread thread_;  ///< last, so that what it uses is there
};

}  // namespace millrace
