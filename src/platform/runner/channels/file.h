#pragma once

#include <memory>

#include "platform/runner/channels/channel_feed.h"

namespace millrace::runner {

/// File mode: every object of the source (this host's share of it) is a file in the channel's
/// directory before the program starts; a shuffle seed changes nothing. Where the store is on this
/// machine a file is a hard link to the object's own, which costs nothing and is bound read-only;
/// where it cannot be linked it is copied (sharing blocks if the file system can), and where the
/// store is elsewhere it is downloaded in parallel ranges, pinned to the version that was listed.
std::unique_ptr<ChannelFeed> open_file_channel(const wire::control::TicketChannel& channel,
                                               const ChannelSurroundings& around);

/// Replaces every file below `directory` that has another name elsewhere by a copy of its own, for
/// programs that a sandbox does not keep from writing to it.
void separate_from_store(const std::filesystem::path& directory);

}  // namespace millrace::runner
