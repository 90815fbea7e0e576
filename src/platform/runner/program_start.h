#pragma once

#include <functional>
#include <memory>
#include <string>

#include "platform/runner/sandbox/sandbox.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// Starts the program in a sandbox. Where this machine cannot make one and the operator allows it,
/// starts it without: `unconfined` is told why and may change the order, or throw. Then what a
/// sandbox would mount below /opt/ml is linked into the workspace's writable tree, and channels are
/// copied where they were hard links to the store's files. Throws Error(Platform) where a sandbox
/// is needed, and what start_sandboxed() and start_unconfined() throw.
std::unique_ptr<Program> start_program(
    SandboxOrder order, const Workspace& workspace, bool may_run_unconfined,
    const std::function<void(SandboxOrder& order, const std::string& reason)>& unconfined);

/// For `unconfined`, of what has asked for EnableNetworkIsolation: a promise that only a sandbox
/// keeps. Throws Error(Platform); `what` is "job" or "model".
[[noreturn]] void refuse_unisolated(const std::string& what, const std::string& reason);

}  // namespace millrace::runner
