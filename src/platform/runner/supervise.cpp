#include "platform/runner/supervise.h"

#include <sys/prctl.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "platform/runner/channels/channel_log.h"
#include "platform/runner/reporter.h"
#include "platform/runner/run_job.h"
#include "platform/runner/upload_results.h"
#include "platform/runner/workspace.h"

namespace millrace::runner {
namespace {

using wire::control::JobOutcome;
using wire::control::JobResult;

JobOutcome failed(std::string reason) {
  return {.result = JobResult::Failed, .failure_reason = std::move(reason)};
}

/// Whatever goes wrong becomes an outcome here: this is the last place that can tell anyone.
JobOutcome outcome_of(const wire::control::GetJobTicketResponse& orders,
                      const JobSurroundings& around) {
  if (orders.stop_requested) return {.result = JobResult::Stopped};
  try {
    return run_job(orders.ticket, around);
  } catch (const Error& error) {
    return failed(failure_reason(error));
  } catch (const std::exception& error) {
    return failed(failure_reason(Error(Blame::Platform, error.what())));
  }
}

}  // namespace

void supervise(const SupervisorOptions& options, const ConnectDaemon& connect) {
  // What a program leaves behind comes to us instead of process 1, and a daemon that goes away is
  // an error code.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
  const auto orders = with_retry(options.patience, {}, [&] {
    return connect()->ticket({.job_name = options.job_name, .host = options.host});
  });
  Workspace workspace(options.data_directory, options.job_name, options.host);
  ResidencyLog residency;
  ChannelLog channels;
  Reporter reporter(connect(), orders.ticket, options.patience, residency, channels);
  const JobSurroundings around{.workspace = workspace,
                               .connect = connect,
                               .reporter = reporter,
                               .residency = residency,
                               .channels = channels,
                               .patience = options.patience,
                               .may_run_unconfined = options.may_run_unconfined,
                               .machine_network = options.machine_network,
                               .daemon_socket = options.daemon_socket};
  const JobOutcome outcome = outcome_of(orders, around);
  std::cerr << "event=job_ended job=" << options.job_name << " host=" << options.host
            << " result=" << outcome.result << " reason=\""
            << printable(outcome.failure_reason.value_or(""), kMaxFailureReasonBytes) << "\"\n";
  if (orders.ticket.hosts.size() == 1) {
    reporter.finish(outcome);
    return;
  }
  std::optional<JobOutcome> job_end = reporter.end_host(outcome);
  if (!job_end) {
    if (!orders.ticket.processing) workspace.keep_results();
    return;
  }
  // Each host of a processing job has uploaded what it left.
  if (!orders.ticket.processing) upload_results(orders.ticket, around, *job_end);
  reporter.finish(*job_end);
}

}  // namespace millrace::runner
