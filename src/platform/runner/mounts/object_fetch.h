#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Fills `target` with the bytes of `range`, whose length is that of the target, and tells
/// `progress` how many are there each time some more have come.
///
/// A daemon that cannot be reached is waited for (`patience`) and the rest asked for again. A
/// daemon that answers, but breaks off this object kMaxBrokenAnswers times in a row, holds it
/// damaged: that fails within a second or two, since waiting cannot help. Throws Error saying what
/// to do about it; Customer when the object has been replaced or deleted since it was listed. Ends
/// early, by the last error, when `stop` fires.
void fetch_object(Daemon& daemon, const ObjectRange& range, std::span<char> target,
                  const Patience& patience, const std::stop_token& stop,
                  const std::function<void(std::size_t filled)>& progress);

constexpr int kMaxBrokenAnswers = 5;

}  // namespace millrace::runner
