#pragma once

#include <stop_token>
#include <thread>

namespace millrace {

/// Turns SIGTERM and SIGINT into a stop request. Made first in main, before any other thread, so
/// that every thread inherits the blocked signals and none dies of them; as process 1 of a sandbox
/// there would be no default action either.
class StopSignal {
 public:
  StopSignal();
  [[nodiscard]] std::stop_token token() const { return requested_.get_token(); }

 private:
  std::stop_source requested_;
  std::jthread listener_;
};

}  // namespace millrace
