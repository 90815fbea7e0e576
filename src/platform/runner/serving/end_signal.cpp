#include "platform/runner/serving/end_signal.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "core/base/error.h"
#include "platform/runner/stop_signal.h"

namespace millrace::runner {
namespace {

sigset_t end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

EndSignal::EndSignal() {
  const sigset_t signals = end_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, &earlier_);
  signals_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!signals_) throw_errno("waiting for signals: signalfd");
  thread_ = std::jthread([this](const std::stop_token& end) {
    const StopSignal over(end);
    pollfd waits[] = {{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                      {.fd = over.fd(), .events = POLLIN, .revents = 0}};
    while (::poll(waits, 2, -1) < 0) {
    }
    if (waits[0].revents == 0) return;
    signalfd_siginfo taken;
    if (::read(signals_.get(), &taken, sizeof taken) == sizeof taken) stop_.request_stop();
  });
}

EndSignal::~EndSignal() {
  thread_ = {};
  ::pthread_sigmask(SIG_SETMASK, &earlier_, nullptr);
}

}  // namespace millrace::runner
