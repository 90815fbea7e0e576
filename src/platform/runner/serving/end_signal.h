#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include "core/base/fd.h"

namespace millrace::runner {

/// SIGTERM and SIGINT as a stop request. Blocks both in the calling thread and in those it starts
/// from then on, so it has to come before them; a program that is executed later gets them
/// unblocked (sandbox.h). Puts the mask back at its end.
class EndSignal {
 public:
  EndSignal();
  EndSignal(const EndSignal&) = delete;
  EndSignal& operator=(const EndSignal&) = delete;
  ~EndSignal();

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  sigset_t earlier_{};
  Fd signals_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace millrace::runner
