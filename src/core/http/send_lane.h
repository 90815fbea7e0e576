#pragma once

#include <functional>
#include <thread>

#include "core/base/fd.h"
#include "core/http/connection.h"

namespace millrace::http {

/// Sends what is left of large files: one thread for all connections, a piece of each in turn,
/// whenever its socket has room. Slow readers so cost no thread, and fast ones do not drive several
/// cores to meet in the network stack: one fills sockets faster than the other side can empty them
/// (bench/s3_server.py).
class SendLane {
 public:
  /// `give_back` is called on the lane's thread with a connection whose file has been sent, or
  /// cannot be; the connection is then out of the lane.
  explicit SendLane(std::function<void(Connection&)> give_back);
  SendLane(const SendLane&) = delete;
  SendLane& operator=(const SendLane&) = delete;
  /// Sends nothing more; connections that are still in the lane stay as they are.
  ~SendLane();

  /// Takes over a connection that awaits output; nobody else may touch it until it is given back.
  /// Throws Error(Platform) when the kernel watches no more sockets.
  void take(Connection& connection);

 private:
  void run();

  const std::function<void(Connection&)> give_back_;
  Fd epoll_;
  Fd stop_;  ///< eventfd
  std::jthread thread_;
};

}  // namespace millrace::http
