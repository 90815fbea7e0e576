#pragma once

#include <chrono>
#include <string>

#include "core/base/fd.h"

namespace millrace::runner {

/// What a server's answer to GET /ping says. Empty `problem`: it is healthy.
struct Ping {
  std::string problem;
  bool interrupted = false;  ///< `wake` became readable first; `problem` says nothing then
};

/// Asks the server at the other end of `connection`, a non-blocking socket that may still be
/// connecting: healthy is status 200 before `limit` has passed, whatever the body
/// (training-contract, section 10: two seconds).
Ping ping(const Fd& connection, std::chrono::milliseconds limit, int wake);

}  // namespace millrace::runner
