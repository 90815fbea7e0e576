#include "platform/runner/network/door.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/io/fd_message.h"

namespace millrace::runner {
namespace {

constexpr int kBacklog = 128;
/// A process that answers at all answers within microseconds.
constexpr timeval kPatience{.tv_sec = 2, .tv_usec = 0};

/// A socket on its way to 127.0.0.1:port, or none with errno. Allocates nothing.
Fd start_connecting(std::uint16_t port) noexcept {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Over the loopback interface this is over at once, unless the listener's queue is full.
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
      errno != EINPROGRESS) {
    const int failure = errno;
    socket.close();
    errno = failure;
  }
  return socket;
}

[[noreturn]] void not_listening(int failure) {
  throw Error(Blame::Platform,
              std::string("the server takes no connection: ") +
                  (failure == ECONNREFUSED ? "it does not listen" : std::strerror(failure)));
}

/// How far the process came.
struct Answer {
  enum class Step : int { Ready, Join, Listen, Connect };
  Step step = Step::Ready;
  int failure = 0;  ///< errno; 0: none
};

const char* what_failed(Answer::Step step) {
  switch (step) {
    case Answer::Step::Join:
      return "joining its network namespace";
    case Answer::Step::Listen:
      return "listening for the program";
    case Answer::Step::Ready:
    case Answer::Step::Connect:
      break;
  }
  return "reaching the program";
}

/// What the process works with; it is a copy of one with many threads, any of which may have held
/// any lock, so it calls the kernel only.
struct Plan {
  int questions;
  int arrivals;
  int user_namespace;  ///< that owns the network namespace; -1: it is ours
  int network_namespace;
  std::uint16_t server_port;
  std::uint16_t daemon_port;
  in_addr daemon_address;
  pid_t parent;
};

void answer(int questions, Answer::Step step, int failure, int fd = -1) noexcept {
  const Answer message{.step = step, .failure = failure};
  if (!send_with_fd(questions, {reinterpret_cast<const char*>(&message), sizeof message}, fd))
    ::_exit(1);
}

[[noreturn]] void give_up(const Plan& plan, Answer::Step step) noexcept {
  answer(plan.questions, step, errno);
  ::_exit(1);
}

int listen_for_program(in_addr address, std::uint16_t port) noexcept {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr = address;
  // Whoever makes the namespace may not have brought its interface up yet, and with that its
  // addresses.
  ::setsockopt(listener, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  if (listener < 0 || ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(listener, kBacklog) != 0)
    return -1;
  return listener;
}

[[noreturn]] void keep_door(const Plan& plan) noexcept {
  // The log it inherited is locked for as long as anybody has it open, and the program's pipes tell
  // of its end.
  constexpr int kFirst = 10;
  const Plan own{.questions = ::fcntl(plan.questions, F_DUPFD, kFirst),
                 .arrivals = ::fcntl(plan.arrivals, F_DUPFD, kFirst),
                 .user_namespace =
                     plan.user_namespace < 0 ? -1 : ::fcntl(plan.user_namespace, F_DUPFD, kFirst),
                 .network_namespace = ::fcntl(plan.network_namespace, F_DUPFD, kFirst),
                 .server_port = plan.server_port,
                 .daemon_port = plan.daemon_port,
                 .daemon_address = plan.daemon_address,
                 .parent = plan.parent};
  int last = -1;
  for (int low = 0;; low = last + 1) {
    // The lowest of ours that is not below `low`: what lies before it is closed.
    last = -1;
    for (const int fd : {own.questions, own.arrivals, own.user_namespace, own.network_namespace}) {
      if (fd >= low && (last < 0 || fd < last)) last = fd;
    }
    if (last < 0) {
      ::close_range(static_cast<unsigned>(low), ~0U, 0);
      break;
    }
    if (last > low) ::close_range(static_cast<unsigned>(low), static_cast<unsigned>(last - 1), 0);
  }

  if (!join(own.network_namespace, own.user_namespace)) give_up(own, Answer::Step::Join);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != own.parent) ::_exit(1);
  int listener = -1;
  if (own.daemon_port != 0) {
    listener = listen_for_program(own.daemon_address, own.daemon_port);
    if (listener < 0) give_up(own, Answer::Step::Listen);
  }
  // What nobody takes out is closed: a program that connects too often must not hold up the door.
  ::fcntl(own.arrivals, F_SETFL, O_NONBLOCK);
  answer(own.questions, Answer::Step::Ready, 0);

  for (;;) {
    pollfd waits[] = {{.fd = own.questions, .events = POLLIN, .revents = 0},
                      {.fd = listener, .events = POLLIN, .revents = 0}};
    if (::poll(waits, 2, -1) < 0) continue;
    if (waits[0].revents != 0) {
      char question = 0;
      if (::recv(own.questions, &question, 1, 0) <= 0) ::_exit(0);
      const Fd socket = start_connecting(own.server_port);
      answer(own.questions, Answer::Step::Connect, socket ? 0 : errno, socket.get());
    }
    if (waits[1].revents != 0) {
      const Fd arrived(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (arrived) send_with_fd(own.arrivals, "a", arrived.get());
    }
  }
}

struct Pair {
  Fd ours;
  Fd theirs;
};

Pair make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    throw_errno("reaching the program: socketpair");
  return {Fd(ends[0]), Fd(ends[1])};
}

struct Received {
  Answer answer;
  Fd fd;
};

Received hear(int questions) {
  Received received;
  const std::span<char> bytes(reinterpret_cast<char*>(&received.answer), sizeof received.answer);
  std::optional<FdMessage> message = receive_with_fd(questions, bytes);
  if (!message) throw_errno("reaching the program");
  if (message->length != bytes.size())
    throw Error(Blame::Platform, "reaching the program: the process in its namespace is gone");
  received.fd = std::move(message->fd);
  return received;
}

}  // namespace

Fd PortDoor::connect() {
  Fd socket = start_connecting(port_);
  if (!socket) not_listening(errno);
  return socket;
}

NamespaceDoor::NamespaceDoor(const NetworkNamespace& inside, const Options& options) {
  in_addr address{.s_addr = htonl(INADDR_ANY)};
  if (!options.daemon_address.empty() &&
      ::inet_pton(AF_INET, options.daemon_address.c_str(), &address) != 1) {
    throw Error(Blame::Platform, "reaching the program: '" + options.daemon_address +
                                     "' is no IPv4 address to listen at");
  }
  Pair questions = make_pair();
  Pair arrivals = make_pair();
  const Plan plan{.questions = questions.theirs.get(),
                  .arrivals = arrivals.theirs.get(),
                  .user_namespace = inside.user.get(),
                  .network_namespace = inside.network.get(),
                  .server_port = options.server_port,
                  .daemon_port = options.daemon_port,
                  .daemon_address = address,
                  .parent = ::getpid()};
  process_ = ::fork();
  if (process_ < 0) throw_errno("reaching the program: fork");
  if (process_ == 0) keep_door(plan);
  questions.theirs.close();
  arrivals.theirs.close();
  questions_ = std::move(questions.ours);
  arrivals_ = std::move(arrivals.ours);
  ::setsockopt(questions_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  try {
    const Received ready = hear(questions_.get());
    if (ready.answer.failure != 0) {
      errno = ready.answer.failure;
      throw_errno(std::string("reaching the program: ") + what_failed(ready.answer.step));
    }
  } catch (...) {
    questions_.close();
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    throw;
  }
}

NamespaceDoor::~NamespaceDoor() {
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Fd NamespaceDoor::connect() {
  const std::lock_guard lock(mutex_);
  if (!send_with_fd(questions_.get(), "c", -1)) throw_errno("reaching the program");
  Received received = hear(questions_.get());
  if (received.answer.failure != 0 || !received.fd) not_listening(received.answer.failure);
  return std::move(received.fd);
}

}  // namespace millrace::runner
