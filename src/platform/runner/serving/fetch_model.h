#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "generated/aws/control/types.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"
#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Bytes that the model and the server's files may take together: the ticket's, or 30 GiB.
std::int64_t volume_of(const wire::control::ServerTicket& ticket);

/// Brings the ticket's model to /opt/ml/model: an archive into the directory that the server
/// may write to; the objects below a prefix as a tree of its own, hard links to the
/// store's files where those can be reached, which the returned bind shows read-only. Ends early,
/// incomplete, when `stop` fires. Throws Error naming the object, and the member of an archive:
/// Customer for what is not there, cannot be a model, or is not here in the ticket's time, Platform
/// when the daemon is lost.
std::optional<Bind> fetch_model(const wire::control::ServerTicket& ticket,
                                const Workspace& workspace, const ConnectDaemon& connect,
                                const Patience& patience, const std::stop_token& stop);

}  // namespace millrace::runner
