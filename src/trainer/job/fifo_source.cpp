#include "trainer/job/fifo_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {
namespace {

constexpr std::chrono::milliseconds kRetry{10};
constexpr std::chrono::milliseconds kForever{-1};

Fd event() {
  Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) throw_errno("making an eventfd");
  return fd;
}

}  // namespace

FifoSource::FifoSource(std::filesystem::path path, std::string origin, std::stop_token stop)
    : path_(std::move(path)),
      origin_(std::move(origin)),
      stopped_(event()),
      on_stop_(std::move(stop), [fd = stopped_.get()] { ::eventfd_write(fd, 1); }) {}

void FifoSource::wait(int fd, std::chrono::milliseconds patience) {
  pollfd events[] = {{.fd = stopped_.get(), .events = POLLIN, .revents = 0},
                     {.fd = fd, .events = POLLIN, .revents = 0}};
  while (::poll(events, 2, static_cast<int>(patience.count())) < 0) {
    if (errno != EINTR) throw_errno(origin_ + ": waiting");
  }
  if (events[0].revents != 0)
    throw Error(Blame::Platform, origin_ + ": a stop was requested while it was being read");
}

void FifoSource::open() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    // Without O_NONBLOCK, open() itself would wait for a writer, out of reach of a stop request.
    fifo_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fifo_) break;
    if (errno != ENOENT) throw_errno(origin_ + ": opening " + path_.filename().string());
    if (std::chrono::steady_clock::now() > deadline) {
      throw Error(Blame::Platform, origin_ + ": the FIFO " + path_.filename().string() +
                                       " did not appear within " +
                                       std::to_string(kPatience.count()) + " minutes");
    }
    wait(-1, kRetry);
  }
  struct stat status {};
  if (::fstat(fifo_.get(), &status) != 0) throw_errno(origin_);
  if (!S_ISFIFO(status.st_mode)) {
    throw Error(Blame::Platform, origin_ + ": " + path_.filename().string() + " is no FIFO");
  }
}

std::size_t FifoSource::read(std::span<char> buffer) {
  if (!fifo_) open();
  for (;;) {
    // A FIFO that no writer has opened yet reads as ended; poll() reports neither data nor a
    // hang-up until one has.
    wait(fifo_.get(), kForever);
    const ssize_t got = ::read(fifo_.get(), buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR && errno != EAGAIN) throw_errno(origin_ + ": reading");
  }
}

}  // namespace millrace
