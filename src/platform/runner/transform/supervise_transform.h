#pragma once

#include "platform/runner/daemon.h"
#include "platform/runner/serving/supervise_server.h"

namespace millrace::runner {

/// Runs one instance of a transform job: fetches its ticket and its model, starts the model's
/// server as that of an endpoint, sends it this instance's share of the input
/// (transform_objects.h), and tells the daemon how it ended. A server that dies is started again,
/// and the request that it died of counts as one that failed. SIGTERM and SIGINT end it without an
/// outcome: the daemon then lets another supervisor go on, as after one that was killed. Throws
/// Error when the ticket cannot be had or the last report cannot be delivered. On the main thread,
/// once in a process; blocks both signals in it.
///
/// `options.times.unhealthy_limit` is replaced: a server that computes one thing at a time answers
/// no ping while it does.
void supervise_transform(const ServingOptions& options, const ConnectDaemon& connect);

}  // namespace millrace::runner
