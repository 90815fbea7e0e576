#pragma once

#include <memory>

#include "platform/runner/channels/channel_feed.h"

namespace millrace::runner {

/// A directory of a registered file system, bound at the channel's place. `ro` is enforced by the
/// kernel: a write fails with EROFS. Symbolic links may lead DirectoryPath to another place of the
/// same file system, never out of it; links inside the directory are resolved where the program
/// runs, so those that lead out of it find what its sandbox has there.
///
/// Where the file system is linked to a bucket the directory is a LinkedView, and a line of the
/// job's log says at the end how many objects it fetched.
std::unique_ptr<ChannelFeed> open_file_system_channel(const wire::control::TicketChannel& channel,
                                                      const ChannelSurroundings& around);

}  // namespace millrace::runner
