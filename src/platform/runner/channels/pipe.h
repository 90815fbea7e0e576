#pragma once

#include <memory>

#include "platform/runner/channels/channel_feed.h"

namespace millrace::runner {

/// Pipe mode: the channel's objects, one after another, in a FIFO input/data/<channel>_<epoch> for
/// every epoch that the program opens, from 0 and without end.
///
///   * A thread of the channel's own waits for a reader of one FIFO at a time; the next FIFO exists
///   before that one can be opened, and one that has been served is gone, so that opening it again
///   fails instead of waiting for ever.
///   * A reader that closes early is served the next epoch. A FIFO that nobody opens is no error.
///   * Nothing is kept on disk. Where the store is on this machine the kernel moves an object's
///   file into the FIFO; the file gets a further name before the program starts, so that all epochs
///   see the version that was listed even when the object is replaced meanwhile. Where the store is
///   elsewhere the kernel moves the socket's bytes, and an object that was replaced fails the job.
///   * Gzip: every object is unpacked by itself. RecordIO: every object, and every attribute of an
///   augmented manifest, is one record. Records above 8 MiB are read twice, since a record tells
///   its length first; below that they are in memory, one at a time. An object of 2^29 bytes or
///   more is no record: refused before the program starts, or, when packed, once it has been
///   unpacked that far.
std::unique_ptr<ChannelFeed> open_pipe_channel(const wire::control::TicketChannel& channel,
                                               const ChannelSurroundings& around);

}  // namespace millrace::runner
