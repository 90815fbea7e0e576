#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Until when a program may run.
struct WatchLimits {
  std::chrono::seconds max_runtime{};
  std::chrono::seconds grace{};  ///< between SIGTERM and SIGKILL
  /// The same once a channel's feed has failed: nothing that the program could still save counts.
  std::chrono::milliseconds grace_without_data{std::chrono::seconds(10)};
  std::int64_t volume_bytes = 0;  ///< that the job may write; 0: no limit
};

/// Why a program ended.
enum class Ending { ByItself, StopRequested, MaxRuntime, VolumeFull, FeedFailed };

/// What ends a program from outside.
struct WatchSignals {
  std::stop_token stop;         ///< the daemon wants it stopped
  std::stop_token feed_failed;  ///< a channel's data has failed
  /// Asked when `stop` fires: a grace of its own; absent or nullopt: WatchLimits::grace.
  std::function<std::optional<std::chrono::seconds>()> stop_grace;
  std::function<void()>
      on_kill;  ///< called once SIGKILL has been sent, before the end is waited for
};

struct Ended {
  Exit exit;
  Ending why = Ending::ByItself;
};

/// Waits for the program's end and brings it about: SIGTERM and after the grace period SIGKILL when
/// a stop is requested, the time is up or a channel's feed has failed (then the shorter of both
/// periods counts), SIGKILL at once when the job's files exceed the volume (looked at every second
/// or so).
Ended watch(Program& program, const Workspace& workspace, const WatchLimits& limits,
            const WatchSignals& signals);

}  // namespace millrace::runner
