#include "platform/runner/watch.h"

#include <algorithm>
#include <optional>

#include "platform/runner/stop_signal.h"
#include "platform/runner/volume_gauge.h"

namespace millrace::runner {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds until(Clock::time_point moment) {
  constexpr milliseconds kLongest = std::chrono::minutes(1);
  const Clock::time_point at = Clock::now();
  if (moment <= at) return milliseconds(0);
  if (moment >= at + kLongest) return kLongest;
  return std::chrono::ceil<milliseconds>(moment - at);
}

}  // namespace

Ended watch(Program& program, const Workspace& workspace, const WatchLimits& limits,
            const WatchSignals& signals) {
  const StopSignal signal(signals.stop, signals.feed_failed);
  VolumeGauge volume(workspace, limits.volume_bytes);
  const Clock::time_point time_is_up = Clock::now() + limits.max_runtime;
  std::optional<Clock::time_point> kill_at;
  Ended ended;
  const auto end_because = [&](Ending why) {
    ended.why = why;
    program.terminate();
    milliseconds grace = limits.grace;
    if (why == Ending::StopRequested && signals.stop_grace)
      grace = signals.stop_grace().value_or(limits.grace);
    kill_at = Clock::now() +
              (why == Ending::FeedFailed ? std::min(grace, limits.grace_without_data) : grace);
  };
  const auto kill = [&] {
    program.kill();
    if (signals.on_kill) signals.on_kill();
  };
  for (;;) {
    const Clock::time_point deadline = kill_at.value_or(time_is_up);
    const int wake = kill_at ? -1 : signal.fd();
    if (program.ended(until(std::min(deadline, volume.next())), wake)) break;
    if (kill_at && Clock::now() >= *kill_at) {
      kill();
      break;
    }
    if (!kill_at && signals.stop.stop_requested()) end_because(Ending::StopRequested);
    if (!kill_at && signals.feed_failed.stop_requested()) end_because(Ending::FeedFailed);
    if (!kill_at && Clock::now() >= time_is_up) end_because(Ending::MaxRuntime);
    if (volume.exceeded()) {
      ended.why = Ending::VolumeFull;
      kill();
      break;
    }
  }
  ended.exit = program.wait();
  return ended;
}

}  // namespace millrace::runner
