#pragma once

#include <sys/eventfd.h>

#include <stop_token>

#include "core/base/error.h"
#include "core/base/fd.h"

namespace millrace::runner {

/// A descriptor that is readable from the moment a stop is requested on either token, so that one
/// poll waits for that and for something else.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop, const std::stop_token& other = {})
      : fd_(made()), first_(stop, Raise{fd_.get()}), second_(other, Raise{fd_.get()}) {}

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  struct Raise {
    int fd;
    void operator()() const { ::eventfd_write(fd, 1); }
  };

  static Fd made() {
    Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd) throw_errno("waiting for a stop: eventfd");
    return fd;
  }

  Fd fd_;
  std::stop_callback<Raise> first_;
  std::stop_callback<Raise> second_;
};

}  // namespace millrace::runner
