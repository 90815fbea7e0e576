#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "core/http/head.h"
#include "core/http/message.h"
#include "core/http/socket.h"

namespace millrace::http {

/// The server's side of one connection: reads heads, runs the handler, writes answers. One thread
/// at a time calls advance(); expire() and abort() may come from any.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t max_head_bytes = 0;
    std::size_t whole_body_bytes = 0;  ///< see ServerOptions
    std::chrono::seconds idle_timeout{};
    std::chrono::seconds io_timeout{};  ///< for a peer to take something of a large file, and to
                                        ///< send a whole body
  };

  Connection(Socket socket, const Limits& limits);

  enum class Next { AwaitInput, AwaitOutput, Feed, Close };
  /// Takes what has arrived and answers every request that is complete, pipelined ones in order. Of
  /// a large file only the first piece is sent: after AwaitOutput send_more() is to do the rest,
  /// and the next call goes on behind it. After Feed the head of an answer without an end has been
  /// sent, and take_feed() says who is to hear of it. Throws what the handler or the socket throws;
  /// the connection is then to be closed.
  Next advance(const Handler& handler, const std::atomic<bool>& stopping);

  [[nodiscard]] int fd() const { return socket_.fd(); }
  /// The last advance() left part of a file to be sent; for the thread that may call it next.
  [[nodiscard]] bool sending() const { return outgoing_.has_value(); }
  /// Sends a piece of the file, as much as the socket takes now; false when nothing is left, or
  /// the peer took too long. Throws what the socket throws.
  bool send_more();
  /// After Next::Feed, once.
  FeedStart take_feed() { return std::exchange(feed_, {}); }
  /// Of a feed: sends what the socket takes now, and returns how much. Throws what the socket
  /// throws.
  std::size_t send_now(std::string_view bytes) { return socket_.write_now(bytes); }
  /// Of a feed: takes what the peer sends although nothing is expected of it; false when it has
  /// closed or sent more than is believable.
  bool discard_input();

  /// Closes both directions if no head has been completed in time: its thread then finds the end.
  void expire(Clock::time_point at);
  /// Makes every blocking call on the connection fail.
  void abort();

 private:
  enum class HeadState { Incomplete, Complete, Refused, Gone };
  HeadState take_head(RequestHead& head);
  enum class BodyState { Incomplete, Ready, Gone };
  BodyState take_body();
  enum class AnswerState { Whole, Sending, Feeding, Last };
  AnswerState answer(RequestHead& head, const Handler& handler, const std::atomic<bool>& stopping);
  void send_piece();
  AnswerState after_piece();
  AnswerState end_answer(bool keep_alive, bool input_left);
  void await_output();
  void refuse(const Refusal& refusal);
  void await_head();
  void await_body();

  Socket socket_;
  Limits limits_;
  std::size_t searched_ = 0;  ///< buffered bytes known to hold no end of a head
  bool head_started_ = false;
  Clock::time_point head_due_;
  std::optional<RequestHead> head_;  ///< whose body is to arrive whole
  std::optional<Clock::time_point> body_due_;
  /// An answer whose file is not sent yet.
  struct Outgoing {
    FileRange rest;
    bool keep_alive = false;
    bool input_left = false;  ///< of this request, or behind it
  };
  std::optional<Outgoing> outgoing_;
  FeedStart feed_;
  std::size_t discarded_ = 0;
  /// When the wait for a head, or for room in the socket, ends, in ticks of Clock; 0 while a thread
  /// is at work, -1 once it is over.
  std::atomic<Clock::rep> deadline_;
};

}  // namespace millrace::http
