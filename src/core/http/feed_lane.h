#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "core/http/connection.h"
#include "core/http/feed.h"

namespace millrace::http {

/// How feeds tell their lane that there is something to do; outlives the lane for as long as
/// somebody holds a feed.
class FeedSignal {
 public:
  FeedSignal();

  void raise(std::shared_ptr<Feed> feed);
  /// Wakes the lane for nothing but a look.
  void wake() const;
  [[nodiscard]] int fd() const { return wake_.get(); }
  /// Lowers the signal.
  std::vector<std::shared_ptr<Feed>> take();

 private:
  Fd wake_;  ///< eventfd
  Guarded<std::vector<std::shared_ptr<Feed>>> raised_;
};

/// Sends what is written to feeds: one thread for all connections, which so cost no worker however
/// long they stay open.
class FeedLane {
 public:
  /// A peer that takes nothing of what waits for so long is cut off.
  explicit FeedLane(std::chrono::seconds patience);
  FeedLane(const FeedLane&) = delete;
  FeedLane& operator=(const FeedLane&) = delete;
  /// Closes all connections.
  ~FeedLane();

  /// Takes over a connection whose answer's head has been sent, and calls `start` with its feed.
  /// What the peer still sends is discarded. Many threads at once.
  void take(std::unique_ptr<Connection> connection, const FeedStart& start);

 private:
  struct Member {
    std::unique_ptr<Connection> connection;
    std::shared_ptr<Feed> feed;
    std::string sending{};  ///< taken from the feed
    std::size_t sent = 0;   ///< of it
    Connection::Clock::time_point progress{};
    bool awaits_room = false;
  };

  void run();
  void admit();
  bool look(Member& member);
  bool send(Member& member);
  void drop(Feed* feed);
  void drop_stalled();

  const std::chrono::seconds patience_;
  std::shared_ptr<FeedSignal> signal_;
  Fd epoll_;
  std::atomic<bool> stopping_{false};
  Guarded<std::vector<Member>> newcomers_;
  std::unordered_map<Feed*, std::unique_ptr<Member>> members_;  ///< of the thread alone
  std::jthread thread_;
};

}  // namespace millrace::http
