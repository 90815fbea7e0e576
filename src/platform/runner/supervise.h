#pragma once

#include <string>

#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// What a supervisor is told about itself.
struct SupervisorOptions {
  std::string job_name;
  std::string host = "algo-1";      ///< which instance of the job
  std::string data_directory;       ///< the instance's folder is <data_directory>/work/<job>/<host>
  bool may_run_unconfined = false;  ///< the operator's word for machines without namespaces
  bool machine_network = false;     ///< the operator's word for jobs in the machine's network
  /// The daemon's UNIX socket, to which AWS_ENDPOINT_URL leads from a network of the job's own;
  /// empty: nowhere.
  std::string daemon_socket{};
  Patience patience;
};

/// Fetches the job's ticket, runs the job and tells the daemon how it ended, whatever happens. Of a
/// job with several instances, runs one; the last of them to end also uploads what all left.
/// Throws Error when the ticket cannot be had or the outcome cannot be delivered. On the main
/// thread, once in a process.
void supervise(const SupervisorOptions& options, const ConnectDaemon& connect);

}  // namespace millrace::runner
