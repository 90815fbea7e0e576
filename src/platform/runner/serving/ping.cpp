#include "platform/runner/serving/ping.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <variant>

#include "core/http/head.h"

namespace millrace::runner {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest =
    "GET /ping HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: millrace\r\nAccept: */*\r\n"
    "Connection: close\r\n\r\n";
constexpr std::size_t kMaxHeadBytes = std::size_t{64} * 1024;
/// A server that is closed on while it writes its body logs an error; one that goes on for longer
/// than that is not waited for.
constexpr std::chrono::milliseconds kBodyPatience{50};

enum class Waited { Ready, TimeIsUp, Interrupted };

Waited wait_for(const Fd& connection, short events, Clock::time_point until, int wake) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return Waited::TimeIsUp;
    pollfd waits[] = {{.fd = connection.get(), .events = events, .revents = 0},
                      {.fd = wake, .events = POLLIN, .revents = 0}};
    if (::poll(waits, 2, static_cast<int>(left.count())) < 0) continue;
    if (waits[1].revents != 0) return Waited::Interrupted;
    if (waits[0].revents != 0) return Waited::Ready;
  }
}

std::string broke_off(int failure) {
  if (failure == ECONNREFUSED) return "it does not listen";
  return std::string("GET /ping broke off: ") + std::strerror(failure);
}

/// Empty for 200; nullopt while the head is not whole.
std::optional<std::string> verdict(std::string_view received) {
  const std::optional<std::size_t> end = http::find_head_end(received, 0);
  if (!end) {
    if (received.size() < kMaxHeadBytes) return std::nullopt;
    return "its answer to GET /ping has more than 64 KiB of headers";
  }
  const auto head = http::parse_response_head(received.substr(0, *end), "GET");
  if (const auto* refusal = std::get_if<http::Refusal>(&head))
    return "its answer to GET /ping is no HTTP: " + refusal->reason;
  const int status = std::get<http::ResponseHead>(head).status;
  return status == 200 ? "" : "it answers GET /ping with status " + std::to_string(status);
}

}  // namespace

Ping ping(const Fd& connection, std::chrono::milliseconds limit, int wake) {
  const Clock::time_point until = Clock::now() + limit;
  const auto outcome = [&](Waited waited) {
    return Ping{
        .problem = "it has not answered GET /ping within " + std::to_string(limit.count()) + " ms",
        .interrupted = waited == Waited::Interrupted};
  };
  for (std::string_view rest = kRequest; !rest.empty();) {
    const ssize_t sent = ::send(connection.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      const Waited waited = wait_for(connection, POLLOUT, until, wake);
      if (waited != Waited::Ready) return outcome(waited);
    } else if (errno != EINTR) {
      return {.problem = broke_off(errno)};
    }
  }

  std::string received;
  std::optional<std::string> problem;
  std::array<char, 4096> block;
  Clock::time_point patience = until;
  for (;;) {
    const Waited waited = wait_for(connection, POLLIN, patience, wake);
    if (waited == Waited::Interrupted) return outcome(waited);
    if (waited == Waited::TimeIsUp) return problem ? Ping{.problem = *problem} : outcome(waited);
    const ssize_t got = ::recv(connection.get(), block.data(), block.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (problem && got <= 0) return {.problem = *problem};
    if (got < 0) return {.problem = broke_off(errno)};
    if (got == 0) return {.problem = "it closed the connection without an answer to GET /ping"};
    if (problem) continue;
    received.append(block.data(), static_cast<std::size_t>(got));
    problem = verdict(received);
    if (problem) patience = std::min(until, Clock::now() + kBodyPatience);
  }
}

}  // namespace millrace::runner
