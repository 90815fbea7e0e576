#include "platform/runner/channels/fifo.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "core/base/guarded.h"

namespace millrace::runner {
namespace {

/// The kernel's limit for everyone. Users without privileges share a budget, so getting less is
/// normal and only costs speed.
constexpr int kFifoBytes = 1 << 20;
constexpr std::size_t kCollectedBytes = 64 * 1024;

}  // namespace

void make_fifo(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), 0644) != 0)
    throw_errno("creating FIFO '" + path.filename().string() + "'");
}

std::unique_ptr<FifoWriter> FifoWriter::open(const std::filesystem::path& path,
                                             const std::stop_token& stop, ChannelMeter& meter) {
  // Opening for writing blocks until there is a reader, and nothing else tells of one that waits. A
  // stop becomes that reader, and stays it until the opening thread has noticed.
  Guarded<Fd> substitute;
  Fd fd;
  {
    const std::stop_callback on_stop(stop, [&] {
      substitute.with([&](Fd& reader) {
        reader = Fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      });
    });
    do {
      fd = Fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    } while (!fd && errno == EINTR);
  }
  if (stop.stop_requested()) return nullptr;
  if (!fd) throw_errno("opening FIFO '" + path.filename().string() + "'");
  ::fcntl(fd.get(), F_SETPIPE_SZ, kFifoBytes);
  ::fcntl(fd.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
  return std::unique_ptr<FifoWriter>(new FifoWriter(std::move(fd), stop, meter));
}

FifoWriter::FifoWriter(Fd fd, const std::stop_token& stop, ChannelMeter& meter)
    : fd_(std::move(fd)),
      stop_(stop),
      signal_(stop),
      meter_(meter),
      filled_(ChannelMeter::Clock::now()) {
  meter_.delivering.begin(filled_);
}

FifoWriter::~FifoWriter() {
  meter_.delivering.end();
}

/// The reader has waited when it had emptied the FIFO before there was more: since then, but that
/// moment nobody tells, so it is taken to be when the FIFO was last filled. Only a source that is
/// slow leaves time between the two.
template <class Move>
ssize_t FifoWriter::counted(Move move) {
  int unread = 0;
  const bool empty = ::ioctl(fd_.get(), FIONREAD, &unread) == 0 && unread == 0;
  const ssize_t moved = move();
  if (moved <= 0) return moved;
  const auto at = ChannelMeter::Clock::now();
  if (empty) meter_.reader_waits.add(at - filled_);
  filled_ = at;
  meter_.add(moved);
  return moved;
}

void FifoWriter::give_up() {
  throw Error(Blame::Platform, reader_left_ ? "the reader has left" : "a stop was requested");
}

void FifoWriter::wait_for_room() {
  pollfd waits[] = {{.fd = fd_.get(), .events = POLLOUT, .revents = 0},
                    {.fd = signal_.fd(), .events = POLLIN, .revents = 0}};
  // Often there is room, and what is missing is the source's.
  if (::poll(waits, 2, 0) == 0) {
    meter_.writer_waits.begin();
    while (::poll(waits, 2, -1) < 0 && errno == EINTR) {
    }
    filled_ = ChannelMeter::Clock::now();
    meter_.writer_waits.end(filled_);
  }
  reader_left_ = reader_left_ || (waits[0].revents & POLLERR) != 0;
  if (abandoned()) give_up();
}

bool FifoWriter::wait_readable(int source, std::chrono::milliseconds patience) {
  // A reader that leaves is always reported, whatever else is waited for.
  pollfd waits[] = {{.fd = source, .events = POLLIN, .revents = 0},
                    {.fd = fd_.get(), .events = 0, .revents = 0},
                    {.fd = signal_.fd(), .events = POLLIN, .revents = 0}};
  int ready = 0;
  do {
    ready = ::poll(waits, 3, static_cast<int>(patience.count()));
  } while (ready < 0 && errno == EINTR);
  reader_left_ = reader_left_ || (waits[1].revents & POLLERR) != 0;
  if (abandoned()) give_up();
  return ready > 0;
}

void FifoWriter::write(std::span<const char> bytes) {
  if (collected_.size() + bytes.size() <= kCollectedBytes) {
    collected_.insert(collected_.end(), bytes.begin(), bytes.end());
    return;
  }
  flush();
  if (bytes.size() <= kCollectedBytes / 2) {
    collected_.assign(bytes.begin(), bytes.end());
  } else {
    write_through(bytes);
  }
}

void FifoWriter::flush() {
  write_through(collected_);
  collected_.clear();
}

void FifoWriter::write_through(std::span<const char> bytes) {
  while (!bytes.empty()) {
    if (abandoned()) give_up();
    const ssize_t written = counted([&] { return ::write(fd_.get(), bytes.data(), bytes.size()); });
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_for_room();
    } else if (errno == EPIPE) {
      reader_left_ = true;
    } else if (errno != EINTR) {
      throw_errno("writing to the channel's FIFO");
    }
  }
}

std::optional<std::size_t> FifoWriter::splice(int source, loff_t* offset, std::size_t max,
                                              std::chrono::milliseconds patience) {
  flush();
  for (;;) {
    if (abandoned()) give_up();
    const ssize_t moved = counted([&] {
      return ::splice(source, offset, fd_.get(), nullptr, max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    });
    if (moved >= 0) return static_cast<std::size_t>(moved);
    if (errno == EINVAL) return std::nullopt;
    if (errno == EPIPE) {
      reader_left_ = true;
    } else if (errno == EAGAIN) {
      // The FIFO is full, or the socket empty: only asking both tells.
      wait_for_room();
      if (offset == nullptr && !wait_readable(source, patience))
        throw Error(Blame::Platform,
                    "no byte came for " + std::to_string(patience.count() / 1000) + " s");
    } else if (errno != EINTR) {
      throw_errno("moving bytes to the channel's FIFO");
    }
  }
}

}  // namespace millrace::runner
