#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/control/types.h"
#include "platform/runner/channels/channel_log.h"
#include "platform/runner/channels/feed_alarm.h"
#include "platform/runner/daemon.h"
#include "platform/runner/residency_log.h"
#include "platform/runner/retry.h"
#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// What a feed works with; everything must outlive it.
struct ChannelSurroundings {
  const wire::control::JobTicket& ticket;
  const Workspace& workspace;
  const ConnectDaemon& connect;
  const Patience& patience;
  FeedAlarm& alarm;  ///< for what goes wrong after prepare()
  ResidencyLog& residency;
  ChannelLog& channels;
  const std::function<void(std::string_view)>& note;  ///< a line of the supervisor in the job's log
};

/// One input channel on its way to the program. Feeds of all modes are driven alike: prepare()
/// before the program starts, binds() when the sandbox is set up, finish() after the program has
/// ended.
///
///   * A mode that copies (File) has done everything when prepare() returns.
///   * A mode that streams (Pipe) makes its first FIFO in prepare() and serves it from a thread of
///   its own until finish().
///   * A mode that mounts (FastFile, file systems) names in binds() what the program sees at
///   input/data/<channel>.
class ChannelFeed {
 public:
  virtual ~ChannelFeed() = default;

  /// Makes everything exist that must exist before the program starts. Ends early, incomplete, when
  /// `stop` fires. Throws Error naming the channel.
  virtual void prepare(const std::stop_token& stop) = 0;
  /// What the sandbox has to mount for this channel besides the input directory itself.
  virtual std::vector<Bind> binds() = 0;
  /// The program is being killed. What it waits for in a file system of this process must end now,
  /// since it cannot die before.
  virtual void abort() {}
  /// Ends what prepare() began, once no process of the program exists any more. What went wrong
  /// while it ran has been told to the alarm.
  virtual void finish() = 0;
};

/// The feed of one channel, by its mode; Error(Customer) naming channel and option when this runner
/// lacks it.
std::unique_ptr<ChannelFeed> open_channel(const wire::control::TicketChannel& channel,
                                          const ChannelSurroundings& around);

}  // namespace millrace::runner
