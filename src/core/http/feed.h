#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/guarded.h"

namespace millrace::http {

class FeedSignal;

/// The body of an answer that has no end, such as a stream of events: whoever holds it writes
/// whenever there is something to say, from any thread, and never waits. One thread of the server
/// (FeedLane) sends what is written, for all of them.
class Feed {
 public:
  /// A reader that leaves so much untaken is cut off, and gets none of it.
  static constexpr std::size_t kMaxWaitingBytes = std::size_t{1} << 20;

  explicit Feed(std::shared_ptr<FeedSignal> signal) : signal_(std::move(signal)) {}

  /// False once the feed is over: the peer is gone or too slow, or end() was called.
  static bool write(const std::shared_ptr<Feed>& self, std::string_view text);
  /// Closes the connection once what was written has been sent.
  static void end(const std::shared_ptr<Feed>& self);
  [[nodiscard]] bool over() const;

 private:
  friend class FeedLane;
  struct State {
    std::string waiting;
    std::size_t sending = 0;  ///< taken from there by the lane, and not yet by the socket
    bool ending = false;      ///< nothing more is written
    bool over = false;        ///< nothing more is sent
    bool told = false;        ///< the lane knows that there is something to do
  };

  Guarded<State> state_;
  std::shared_ptr<FeedSignal> signal_;
};

/// Called with the feed of an answer whose head has been sent.
using FeedStart = std::function<void(std::shared_ptr<Feed> feed)>;

}  // namespace millrace::http
