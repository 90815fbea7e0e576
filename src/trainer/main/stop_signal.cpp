#include "trainer/main/stop_signal.h"

#include <signal.h>
#include <time.h>

namespace millrace {

StopSignal::StopSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  listener_ = std::jthread([this, signals](const std::stop_token& done) {
    // Woken now and then, so that the destructor is not kept waiting for a signal that never comes.
    constexpr timespec kPatience{.tv_sec = 0, .tv_nsec = 50'000'000};
    while (!done.stop_requested()) {
      if (sigtimedwait(&signals, nullptr, &kPatience) > 0) requested_.request_stop();
    }
  });
}

}  // namespace millrace
