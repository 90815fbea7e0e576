#pragma once

#include <chrono>
#include <string>

#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// How a model's server is looked after.
struct ServerTimes {
  std::chrono::milliseconds ping_limit{2000};  ///< for one answer (training-contract, section 10)
  std::chrono::milliseconds ping_interval{2000};
  /// Failed pings in a row after which a server that was healthy counts as unhealthy: one may hit a
  /// server that is at work.
  int failures = 3;
  /// A server that has been unhealthy for so long is started again: longer than the minute that an
  /// invocation may take.
  std::chrono::milliseconds unhealthy_limit = std::chrono::seconds(90);
  std::chrono::milliseconds grace = std::chrono::seconds(30);  ///< between SIGTERM and SIGKILL
  /// Before a server that has ended is started again; doubled each time.
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause = std::chrono::seconds(30);
  /// A server that was healthy for so long begins with the first pause again.
  std::chrono::milliseconds steady = std::chrono::seconds(60);
  /// Starts of a server that has never been healthy.
  int first_starts = 4;
};

/// What the supervisor of an endpoint's instance is told about itself.
struct ServingOptions {
  std::string workload;
  std::string host = "algo-1";
  std::string data_directory;  ///< the instance's folder is <data_directory>/work/<workload>/<host>
  /// The daemon's UNIX socket, to which AWS_ENDPOINT_URL leads from inside; empty: nowhere.
  std::string daemon_socket;
  bool may_run_unconfined = false;  ///< the operator's word for machines without namespaces
  Patience patience{};
  ServerTimes times{};
};

/// Fetches the ticket and the model, keeps the model's server running and healthy, hands out
/// connections to it at the instance's socket (core/contract/workload.h), and tells the daemon how
/// it is, until the daemon wants it stopped or SIGTERM or SIGINT comes. Also ends, with the reason
/// in its last report, when the model cannot be had, and when the server is not healthy within its
/// start-up time or ends four times before it ever was: then nothing helps but another model or
/// another program. Throws Error when the ticket cannot be had or the last report cannot be
/// delivered. On the main thread, once in a process; blocks both signals in it.
void supervise_server(const ServingOptions& options, const ConnectDaemon& connect);

}  // namespace millrace::runner
