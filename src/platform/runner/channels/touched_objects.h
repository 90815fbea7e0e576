#pragma once

#include "platform/runner/channels/channel_feed.h"
#include "platform/runner/channels/object_source.h"

namespace millrace::runner {

/// Writes into the job's residency log what this host reads of the channel in one pass: the objects
/// below its prefix, or those that its manifest names, by bucket.
void tell_touched(const ChannelSurroundings& around, const wire::control::TicketChannel& channel,
                  const ObjectSource& source);

}  // namespace millrace::runner
