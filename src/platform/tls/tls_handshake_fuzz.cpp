// The bytes of one TLS connection, from its first, as the server meets them: a handshake, or
// anything else.

#include <stdlib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/http/connection.h"
#include "platform/tls/server_context.h"

namespace {

using namespace millrace;

/// One authority for all inputs, gone with the process.
struct Server {
  std::string root = (std::filesystem::temp_directory_path() / "millrace-tls-fuzz-XXXXXX").string();
  tls::Authority authority{std::filesystem::path(::mkdtemp(root.data())) / "authority"};
  tls::ServerContext context{authority};

  Server() { std::signal(SIGPIPE, SIG_IGN); }
  ~Server() { std::filesystem::remove_all(root); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Server server;
  if (size < 1 || size > 60'000) return 0;  // what a socket's buffer takes at once
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) return 0;
  const Fd client(ends[1]);
  http::Socket socket(Fd{ends[0]}, std::chrono::milliseconds(5), Blame::Customer, "fuzzer");
  socket.secure(server.context.accept(ends[0], "localhost"));
  std::atomic<std::int64_t> waiting{0};
  http::Connection connection(std::move(socket),
                              {.max_head_bytes = 4096,
                               .idle_timeout = std::chrono::seconds(1),
                               .io_timeout = std::chrono::seconds(1)},
                              waiting);
  const std::size_t cut = data[0] % size;
  const std::atomic<bool> stopping = false;
  const auto answer = [](http::Request&) { return http::Response(); };
  try {
    auto next = http::Connection::Next::AwaitInput;
    for (const auto& [from, to] :
         {std::pair<std::size_t, std::size_t>{1, cut + 1}, {cut + 1, size}}) {
      if (next == http::Connection::Next::Close || from >= to) break;
      if (::send(client.get(), data + from, to - from, MSG_NOSIGNAL) < 0) break;
      if (to == size) ::shutdown(client.get(), SHUT_WR);
      next = connection.advance(answer, stopping);
    }
  } catch (const Error&) {
    // No handshake, or one that breaks off; the server closes the connection.
  }
  return 0;
}
