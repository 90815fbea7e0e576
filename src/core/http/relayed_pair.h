#pragma once

#include <poll.h>

#include <array>
#include <memory>
#include <string_view>

#include "core/http/secure_stream.h"

namespace millrace::http {

/// Two connections whose bytes are carried from each to the other: a client's, and one to the
/// server that answers it. A block of 64 KiB at most is under way in each direction, so that a slow
/// reader slows the writer.
///
/// The server is told when the client has said its last. What the server has said is delivered even
/// when it takes no more of the request, and once it has said its last the pair is over.
class RelayedPair {
 public:
  /// Streams and descriptors must outlive the pair; each stream is what is spoken on its
  /// descriptor, and never waits.
  RelayedPair(SecureStream& client, int client_fd, SecureStream& server, int server_fd);
  RelayedPair(const RelayedPair&) = delete;
  RelayedPair& operator=(const RelayedPair&) = delete;

  /// One step in each direction, without waiting; false when neither could move. Throws Error when
  /// either breaks off or breaks its protocol.
  bool advance();
  [[nodiscard]] bool over() const { return down_.done(); }
  /// What poll() has to wait for when advance() has returned false: the client, then the server.
  /// One that nothing is wanted of is left out: poll() would tell of its end again and again.
  [[nodiscard]] std::array<pollfd, 2> waits() const;

 private:
  struct End {
    SecureStream& stream;
    int fd;
    short wanted = 0;  ///< what it has to be ready for before it is asked again

    /// True when something moved, or ended.
    bool moved(const SecureStream::Step& step);
    [[nodiscard]] pollfd wait() const;
  };
  /// One direction: a block is received, then sent whole before the next.
  class Flow {
   public:
    Flow(End& from, End& to);
    bool advance();
    [[nodiscard]] bool done() const { return ended_ && left_.empty(); }

   private:
    SecureStream::Step send();

    End& from_;
    End& to_;
    std::unique_ptr<char[]> block_;
    std::string_view left_;  ///< of block_, not sent yet
    bool ended_ = false;
  };

  End client_;
  End server_;
  Flow up_;
  Flow down_;
  bool server_told_ = false;
  bool client_told_ = false;
};

}  // namespace millrace::http
