#pragma once

#include <string>

#include "generated/aws/control/types.h"
#include "platform/runner/daemon.h"
#include "platform/runner/reporter.h"
#include "platform/runner/residency_log.h"
#include "platform/runner/retry.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {

/// What a job runs in; everything must outlive the call.
struct JobSurroundings {
  const Workspace& workspace;
  const ConnectDaemon& connect;
  Reporter& reporter;
  ResidencyLog& residency;
  ChannelLog& channels;
  Patience patience;
  bool may_run_unconfined = false;  ///< the operator's word for machines without namespaces
  bool machine_network = false;     ///< the operator's word for jobs in the machine's network
  std::string daemon_socket{};      ///< where programs reach the daemon; empty: nowhere
};

/// Runs one instance of one job from its ticket to its artifacts, or to the end of its program
/// where the job has several instances, and says how it ended. What the program, its data or its
/// output's bucket did wrong is in the outcome; an Error comes out for what failed before the
/// program could start (its blame becomes the reason's prefix) and when the daemon is lost. Must
/// run on the process's main thread, with which the program dies.
wire::control::JobOutcome run_job(const wire::control::JobTicket& ticket,
                                  const JobSurroundings& around);

}  // namespace millrace::runner
