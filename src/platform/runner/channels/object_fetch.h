#pragma once

#include <stop_token>

#include "core/io/byte_source.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Writes exactly the bytes of `range` to `sink`, asking for the rest again where a connection
/// breaks. Throws Error as ReadAttempts does, and at once what the sink throws. Ends early, by the
/// last error, when `stop` fires.
void fetch_object(Daemon& daemon, const ObjectRange& range, ByteSink& sink,
                  const Patience& patience, const std::stop_token& stop);

}  // namespace millrace::runner
