// The bytes of one connection, at the boundaries the first byte chooses: heads, then bodies, as the
// server reads them.

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/http/connection.h"

namespace {

using namespace millrace;
using namespace millrace::http;

/// Reads all, part or nothing of the body, as handlers do.
Response answer(Request& request) {
  if (request.method != "HEAD" && request.path != "/unread") {
    char block[512];
    while (request.body->read(block) > 0) {
      if (request.path == "/part") break;
    }
  }
  Response response;
  response.headers.add("X-Path", request.path);
  response.body = request.query;
  return response;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 60'000) return 0;  // what a socket's buffer takes at once
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) return 0;
  const Fd client(ends[1]);
  Socket socket(Fd{ends[0]}, std::chrono::milliseconds(5), Blame::Customer, "fuzzer");
  std::atomic<std::int64_t> waiting{0};
  Connection connection(std::move(socket),
                        {.max_head_bytes = 4096, .idle_timeout = std::chrono::seconds(1)}, waiting);
  const std::size_t cut = data[0] % size;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::atomic<bool> stopping = false;
  try {
    auto next = Connection::Next::AwaitInput;
    for (const std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      if (next == Connection::Next::Close) break;
      if (::send(client.get(), part.data(), part.size(), MSG_NOSIGNAL) < 0) break;
      if (part.end() == bytes.end()) ::shutdown(client.get(), SHUT_WR);
      next = connection.advance(answer, stopping);
    }
  } catch (const Error&) {
    // A body that breaks off or a malformed chunk; the server closes the connection.
  }
  return 0;
}
