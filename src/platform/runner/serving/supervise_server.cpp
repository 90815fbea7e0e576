#include "platform/runner/serving/supervise_server.h"

#include <sys/prctl.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "platform/runner/serving/end_signal.h"
#include "platform/runner/serving/instance_listener.h"
#include "platform/runner/serving/run_server.h"
#include "platform/runner/serving/server_reporter.h"

namespace millrace::runner {
namespace {

using wire::control::ServerPhase;

/// Whatever goes wrong becomes the last state here: this is the last place that can tell anyone.
ServerState last_state(const wire::control::GetServerTicketResponse& orders,
                       const ServerSurroundings& around) {
  ServerState last{.phase = ServerPhase::Ended};
  if (orders.stop_requested) return last;
  ServerRun run(orders.ticket, around);
  try {
    last.reason = run.run();
  } catch (const Error& error) {
    last.reason = failure_reason(error);
  } catch (const std::exception& error) {
    last.reason = failure_reason(Error(Blame::Platform, error.what()));
  }
  last.restarts = run.restarts();
  return last;
}

}  // namespace

void supervise_server(const ServingOptions& options, const ConnectDaemon& connect) {
  // What a program leaves behind comes to us instead of process 1, and a peer that goes away is an
  // error code.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
  const EndSignal end;
  const auto orders = with_retry(options.patience, end.token(), [&] {
    return connect()->server_ticket({.workload = options.workload, .host = options.host});
  });
  const Workspace workspace(options.data_directory, options.workload, options.host);
  ServerReporter reporter(connect(), orders.ticket, options.patience,
                          report_of_endpoint(orders.ticket));
  InstanceListener listener(workspace.instance_socket());
  const ServerState last = last_state(orders, {.options = options,
                                               .workspace = workspace,
                                               .connect = connect,
                                               .reporter = reporter,
                                               .gate = listener,
                                               .end = end.token()});
  std::cerr << "event=server_ended workload=" << options.workload << " host=" << options.host
            << " restarts=" << last.restarts << " reason=\""
            << printable(last.reason, kMaxFailureReasonBytes) << "\"\n";
  reporter.finish(last);
}

}  // namespace millrace::runner
