#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bounded_queue.h"

namespace millrace {

/// Threads that turn items into results, which come back in the order in which the items were put
/// in, however long each took. One caller puts and takes.
///
///     OrderedWorkers<Task, Result> workers(threads, 16, make);
///     for (;;) {
///       while (workers.room() && more) workers.put(next_task());
///       if (workers.empty()) break;
///       use(workers.take());
///     }
template <class Item, class Result>
class OrderedWorkers {
 public:
  /// Each thread has up to `ahead` items waiting, being made or made.
  OrderedWorkers(int threads, std::size_t ahead, std::function<Result(Item)> make)
      : make_(std::move(make)), room_(ahead * static_cast<std::size_t>(threads)) {
    for (int i = 0; i < threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(ahead));
      Worker& worker = *workers_.back();
      worker.thread = std::jthread([this, &worker] { work(worker); });
    }
  }
  OrderedWorkers(const OrderedWorkers&) = delete;
  OrderedWorkers& operator=(const OrderedWorkers&) = delete;
  /// Waits for the items that are being made; those that wait are dropped.
  ~OrderedWorkers() { stopping_ = true; }

  /// Whether put() may be called.
  [[nodiscard]] bool room() const { return waiting() < room_; }
  /// How many items were put and not taken yet.
  [[nodiscard]] std::size_t waiting() const { return put_ - taken_; }
  /// Whether nothing is left to take.
  [[nodiscard]] bool empty() const { return waiting() == 0; }

  void put(Item item) { workers_[put_++ % workers_.size()]->items.push(std::move(item)); }

  /// Of the earliest item that was not taken yet; waits for it. Rethrows what making it threw.
  Result take() {
    Made made = *workers_[taken_++ % workers_.size()]->results.pop();
    if (const auto* failure = std::get_if<std::exception_ptr>(&made))
      std::rethrow_exception(*failure);
    return std::get<Result>(std::move(made));
  }

 private:
  using Made = std::variant<Result, std::exception_ptr>;

  struct Worker {
    explicit Worker(std::size_t ahead) : items(ahead), results(ahead) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Here and not with all of them: a machine that gives no further thread must not leave those
    /// that were started waiting.
    ~Worker() {
      items.close();
      results.close();
    }
    BoundedQueue<Item> items;
    BoundedQueue<Made> results;
    std::jthread thread;
  };

  void work(Worker& worker) {
    while (std::optional<Item> item = worker.items.pop()) {
      if (stopping_ || !worker.results.push(made(*std::move(item)))) return;
    }
  }

  Made made(Item item) {
    try {
      return make_(std::move(item));
    } catch (...) {
      return std::current_exception();
    }
  }

  const std::function<Result(Item)> make_;
  const std::size_t room_;
  std::size_t put_ = 0;
  std::size_t taken_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace millrace
