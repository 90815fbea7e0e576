#include "platform/runner/transform/supervise_transform.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "platform/runner/serving/end_signal.h"
#include "platform/runner/serving/run_server.h"
#include "platform/runner/serving/server_reporter.h"
#include "platform/runner/transform/data_log.h"
#include "platform/runner/transform/model_gate.h"
#include "platform/runner/transform/transform_objects.h"

namespace millrace::runner {
namespace {

using wire::control::JobResult;
using wire::control::ServerPhase;
using wire::control::TransformOutcome;
using wire::control::TransformTicket;

/// What the reports say beside the server's state.
struct Progress {
  std::atomic<std::int64_t> objects_done = 0;
  Guarded<std::optional<TransformOutcome>> outcome;
};

ServerReporter::Report report_of_transform(const TransformTicket& ticket,
                                           const Progress& progress) {
  return [workload = ticket.server.workload, host = ticket.server.host, &progress](
             Daemon& daemon, const ServerState& state) {
    wire::control::ReportTransformRequest request{.workload = workload,
                                                  .host = host,
                                                  .objects_done = progress.objects_done.load(),
                                                  .supervisor_pid = ::getpid()};
    if (state.phase == ServerPhase::Ended)
      request.outcome = progress.outcome.with([](const auto& known) { return known; });
    return daemon.report_transform(request).stop_requested;
  };
}

TransformOutcome failed(const Error& error) {
  return {.result = JobResult::Failed, .failure_reason = failure_reason(error)};
}

/// Runs `call`; how it failed, if it did. Whatever goes wrong becomes an outcome: this is the last
/// place that can tell anyone.
template <class Call>
std::optional<TransformOutcome> failure_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return failed(error);
  } catch (const std::exception& error) {
    return failed(Error(Blame::Platform, error.what()));
  }
  return std::nullopt;
}

/// One instance of a job, with its server.
class TransformRun {
 public:
  TransformRun(const TransformTicket& ticket, const ServingOptions& options,
               const Workspace& workspace, const ConnectDaemon& connect, ServerReporter& reporter,
               std::stop_token end, Progress& progress)
      : ticket_(ticket),
        options_(options),
        workspace_(workspace),
        connect_(connect),
        reporter_(reporter),
        end_(std::move(end)),
        progress_(progress),
        by_daemon_(reporter.stop_requested(), [this] { over_.request_stop(); }),
        by_signal_(end_, [this] { over_.request_stop(); }) {}

  /// nullopt: the job is to go on with another supervisor.
  std::optional<TransformOutcome> run() {
    std::optional<TransformOutcome> sent;
    std::jthread feed([&] {
      sent = failure_of([&] { send_objects(); });
      objects_ended_ = !over_.stop_requested();
      over_.request_stop();
    });
    std::string reason;
    std::optional<TransformOutcome> served = failure_of([&] {
      reason = ServerRun(ticket_.server, {.options = options_,
                                          .workspace = workspace_,
                                          .connect = connect_,
                                          .reporter = reporter_,
                                          .gate = gate_,
                                          .end = over_.get_token()})
                   .run();
    });
    if (!served && !reason.empty()) served = failed(Error(Blame::Algorithm, reason));
    // In this order: whoever waits at the gate must not take its end for that of the objects.
    over_.request_stop();
    gate_.shut(reason.empty() ? "it has ended" : reason);
    feed.join();
    if (objects_ended_) return sent ? *sent : TransformOutcome{.result = JobResult::Completed};
    if (served) return served;
    if (reporter_.stop_requested().stop_requested())
      return TransformOutcome{.result = JobResult::Stopped};
    return std::nullopt;
  }

 private:
  void send_objects() {
    DataLog log(with_retry(options_.patience, over_.get_token(), connect_),
                ticket_.server.log_group, ticket_.data_log_stream, options_.patience);
    const std::function<void(std::string_view)> note = [&](std::string_view line) {
      log.note(line);
    };
    transform_objects({.ticket = ticket_,
                       .connect = connect_,
                       .patience = options_.patience,
                       .gate = gate_,
                       .stop = over_.get_token(),
                       .note = note,
                       .objects_done = progress_.objects_done});
  }

  const TransformTicket& ticket_;
  const ServingOptions& options_;
  const Workspace& workspace_;
  const ConnectDaemon& connect_;
  ServerReporter& reporter_;
  const std::stop_token end_;
  Progress& progress_;
  ModelGate gate_;
  std::stop_source over_;  ///< nothing more is to be done, whatever the reason
  std::atomic<bool> objects_ended_ = false;
  std::stop_callback<std::function<void()>> by_daemon_;
  std::stop_callback<std::function<void()>> by_signal_;
};

}  // namespace

void supervise_transform(const ServingOptions& options, const ConnectDaemon& connect) {
  // What a program leaves behind comes to us instead of process 1, and a peer that goes away is an
  // error code.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
  const EndSignal end;
  const auto orders = with_retry(options.patience, end.token(), [&] {
    return connect()->transform_ticket({.workload = options.workload, .host = options.host});
  });
  const TransformTicket& ticket = orders.ticket;
  ServingOptions serving = options;
  serving.times.unhealthy_limit += std::chrono::seconds(ticket.invocation_timeout_in_seconds);
  const Workspace workspace(options.data_directory, options.workload, options.host);
  Progress progress;
  ServerReporter reporter(connect(), ticket.server, options.patience,
                          report_of_transform(ticket, progress));
  std::optional<TransformOutcome> outcome = TransformOutcome{.result = JobResult::Stopped};
  if (!orders.stop_requested) {
    outcome =
        TransformRun(ticket, serving, workspace, connect, reporter, end.token(), progress).run();
  }
  progress.outcome.with([&](auto& known) { known = outcome; });
  std::cerr << "event=transform_ended workload=" << options.workload << " host=" << options.host
            << " objects=" << progress.objects_done.load()
            << " result=" << (outcome ? outcome->result : "none") << " reason=\""
            << printable(outcome ? outcome->failure_reason.value_or("") : "",
                         kMaxFailureReasonBytes)
            << "\"\n";
  reporter.finish({.phase = ServerPhase::Ended});
}

}  // namespace millrace::runner
