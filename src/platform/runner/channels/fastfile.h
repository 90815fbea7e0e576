#pragma once

#include <memory>

#include "platform/runner/channels/channel_feed.h"

namespace millrace::runner {

/// FastFile mode: the channel's directory shows every object as a file before one byte has been
/// fetched, read-only. Where the store is on this machine the files are hard links to the store's
/// own, bound read-only, and reading runs at the disk's speed. Where it is elsewhere, or its files
/// cannot be linked, the directory is a FUSE view whose reads become ranged GETs of the version
/// that was listed, with read-ahead. Where this user may not mount, the channel is downloaded
/// before the start, as in File mode, and the job's log says so.
std::unique_ptr<ChannelFeed> open_fastfile_channel(const wire::control::TicketChannel& channel,
                                                   const ChannelSurroundings& around);

}  // namespace millrace::runner
