#include "platform/runner/run_job.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "platform/runner/channels/channel_feed.h"
#include "platform/runner/channels/feed_alarm.h"
#include "platform/runner/channels/file.h"
#include "platform/runner/checkpoints.h"
#include "platform/runner/instance_metrics.h"
#include "platform/runner/job_setup.h"
#include "platform/runner/left_file.h"
#include "platform/runner/metric_patterns.h"
#include "platform/runner/network/job_network.h"
#include "platform/runner/output_pump.h"
#include "platform/runner/processing.h"
#include "platform/runner/program_start.h"
#include "platform/runner/upload_results.h"
#include "platform/runner/watch.h"

namespace millrace::runner {
namespace {

using wire::control::JobOutcome;
using wire::control::JobPhase;
using wire::control::JobResult;
using wire::control::JobTicket;
using wire::control::PlaceAccess;
using wire::control::PlaceKind;

using Feeds = std::vector<std::unique_ptr<ChannelFeed>>;

Feeds open_channels(const JobTicket& ticket, const JobSurroundings& around, FeedAlarm& alarm,
                    const std::function<void(std::string_view)>& note) {
  Feeds feeds;
  for (const wire::control::TicketChannel& channel : ticket.channels) {
    feeds.push_back(open_channel(channel, {.ticket = ticket,
                                           .workspace = around.workspace,
                                           .connect = around.connect,
                                           .patience = around.patience,
                                           .alarm = alarm,
                                           .residency = around.residency,
                                           .channels = around.channels,
                                           .note = note}));
  }
  return feeds;
}

std::vector<Bind> binds_of(const Feeds& feeds) {
  std::vector<Bind> binds;
  for (const auto& feed : feeds) {
    for (Bind& bind : feed->binds()) binds.push_back(std::move(bind));
  }
  return binds;
}

void tell_checkpoints(const JobTicket& ticket, const JobSurroundings& around, const char* access,
                      const std::optional<Amount>& amount = std::nullopt) {
  around.residency.touch(PlaceKind::S3, *ticket.checkpoint_s3_uri, access, "checkpoints", amount);
}

/// The mirror that the ticket asks for, filled from the store, and where the program sees it.
std::unique_ptr<Checkpoints> restore_checkpoints(const JobTicket& ticket,
                                                 const JobSurroundings& around,
                                                 const std::function<void(std::string_view)>& note,
                                                 std::vector<Bind>& binds) {
  if (!ticket.checkpoint_s3_uri) return nullptr;
  auto checkpoints =
      std::make_unique<Checkpoints>(around.workspace.checkpoints(), *ticket.checkpoint_s3_uri,
                                    around.connect, around.patience, note);
  tell_checkpoints(ticket, around, PlaceAccess::Read);
  checkpoints->restore(around.reporter.stop_requested());
  tell_checkpoints(ticket, around, PlaceAccess::Read, checkpoints->restored());
  std::string target =
      ticket.checkpoint_local_path.value_or(ContractPaths{}.checkpoints().string());
  while (target.ends_with('/')) target.pop_back();
  binds.push_back({.source = around.workspace.checkpoints(), .target = target, .writable = true});
  return checkpoints;
}

bool is_file_mode(const wire::control::TicketChannel& channel) {
  return channel.input_mode == "File";
}

std::vector<MetricDefinition> definitions_of(const JobTicket& ticket) {
  std::vector<MetricDefinition> definitions;
  for (const auto& metric : ticket.metrics)
    definitions.push_back({.name = metric.name, .pattern = metric.regex});
  return definitions;
}

JobNetwork::Options network_of(const JobTicket& ticket, const JobSurroundings& around) {
  return {.host = ticket.host,
          .hosts = ticket.hosts,
          .addresses = ticket.host_addresses.value_or(std::map<std::string, std::string>{}),
          .isolated = ticket.network_isolation,
          .of_machine = around.machine_network,
          .daemon_socket = around.daemon_socket,
          .giver = around.workspace.network_socket()};
}

/// `environment` is the one outside a network of the job's own.
std::unique_ptr<Program> start(const SandboxOrder& order,
                               const std::map<std::string, std::string>& environment,
                               JobNetwork& network, const JobTicket& ticket,
                               const JobSurroundings& around) {
  return start_program(
      order, around.workspace, around.may_run_unconfined,
      [&](SandboxOrder& unconfined, const std::string& reason) {
        if (ticket.network_isolation) refuse_unisolated("job", reason);
        if (ticket.processing) {
          throw Error(Blame::Platform, reason +
                                           " The inputs and outputs of a processing job are at "
                                           "places that only a sandbox gives them.");
        }
        if (unconfined.hosts.size() > 1) {
          throw Error(Blame::Platform, reason +
                                           " The hosts of a job find each other by names that "
                                           "only a sandbox gives them.");
        }
        unconfined.environment = environment;
        network.give_up();
        around.reporter.note(
            "this job runs WITHOUT a sandbox and in the machine's network, as "
            "MILLRACE_ALLOW_UNCONFINED allows: " +
            reason);
      });
}

std::string failure_of(const Ended& ended, const JobTicket& ticket, const Workspace& workspace) {
  if (ended.why == Ending::VolumeFull) {
    return "ClientError: the job's files take more than the volume of " +
           human_bytes(static_cast<std::uint64_t>(ticket.volume_bytes)) +
           ". Ask for a larger VolumeSizeInGB.";
  }
  std::string text = read_left_file(workspace, "output/failure", 4 * kMaxFailureReasonBytes);
  if (ended.exit.out_of_memory && ended.exit.code == 128 + SIGKILL) {
    const std::string memory = "out of memory (limit " +
                               human_bytes(static_cast<std::uint64_t>(ticket.memory_bytes)) + ")";
    text = text.empty() ? memory : memory + ": " + text;
  }
  return failure_reason(text, ended.exit.code);
}

const char* result_of(const Ended& ended) {
  switch (ended.why) {
    case Ending::StopRequested:
      return JobResult::Stopped;
    case Ending::MaxRuntime:
      return JobResult::MaxRuntimeExceeded;
    case Ending::VolumeFull:
    case Ending::FeedFailed:
      return JobResult::Failed;
    case Ending::ByItself:
      break;
  }
  return ended.exit.code == 0 ? JobResult::Completed : JobResult::Failed;
}

/// A program whose channel failed has seen a short stream, so neither its success nor the reason it
/// gives for a failure counts. A job that was ended for another reason keeps that.
void blame_feed(const FeedAlarm& alarm, const Ended& ended, JobOutcome& outcome) {
  if (ended.why != Ending::FeedFailed && ended.why != Ending::ByItself) return;
  try {
    alarm.check();
  } catch (const Error& error) {
    outcome.result = JobResult::Failed;
    outcome.failure_reason = failure_reason(error);
  }
}

/// The directories that the job's programs and its supervisor work in.
void tell_workspace(const JobSurroundings& around) {
  around.residency.touch({.kind = PlaceKind::Directory,
                          .place = around.workspace.root().string(),
                          .access = PlaceAccess::ReadWrite,
                          .by = "working directory, removed when the job has ended",
                          .bytes = around.workspace.used_bytes()});
  if (const auto& pretrained = around.workspace.pretrained())
    around.residency.touch(PlaceKind::Directory, pretrained->string(), PlaceAccess::Read,
                           "pretrained/ of the data directory");
}

/// Reads what the program says of its channels for as long as its directories are there.
class FollowingReport {
 public:
  explicit FollowingReport(const JobSurroundings& around) : around_(around) {
    around.channels.follow([&workspace = around.workspace] {
      return read_left_file(workspace, "output/channels.json", kMaxChannelReportBytes);
    });
  }
  FollowingReport(const FollowingReport&) = delete;
  FollowingReport& operator=(const FollowingReport&) = delete;
  ~FollowingReport() {
    if (const auto problem = around_.channels.unfollow())
      around_.reporter.note("what the program says of its channels is left out: " + *problem);
  }

 private:
  const JobSurroundings& around_;
};

/// Reads what happens in the job's network for as long as it lives.
class Following {
 public:
  Following(ResidencyLog& residency, const JobNetwork& network) : residency_(residency) {
    residency.follow([&network] { return network.use(); });
  }
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;
  ~Following() { residency_.unfollow(); }

 private:
  ResidencyLog& residency_;
};

/// The rest of the checkpoints; a job that could not store them has failed.
void store_last_checkpoints(const JobTicket& ticket, Checkpoints& checkpoints,
                            const JobSurroundings& around, JobOutcome& outcome) {
  try {
    checkpoints.finish();
    tell_checkpoints(ticket, around, PlaceAccess::Write, checkpoints.written());
  } catch (const Error& error) {
    around.reporter.note(error.what());
    if (outcome.result == JobResult::Failed) return;
    outcome.result = JobResult::Failed;
    outcome.failure_reason = failure_reason(error);
  }
}

}  // namespace

JobOutcome run_job(const JobTicket& ticket, const JobSurroundings& around) {
  Reporter& reporter = around.reporter;
  const std::stop_token stop = reporter.stop_requested();
  const auto stopped_before_start = [&] {
    reporter.check_connection();
    return JobOutcome{.result = JobResult::Stopped};
  };

  // Here for whoever loses this supervisor, and again when it is known how much there was.
  tell_workspace(around);
  const Fd image = hold_image(ticket.container);
  FeedAlarm alarm;
  const std::function<void(std::string_view)> note = [&](std::string_view line) {
    reporter.note(line);
  };
  const Feeds feeds = open_channels(ticket, around, alarm, note);
  std::optional<ProcessingOutputs> outputs;
  std::vector<Bind> binds;
  if (ticket.processing) {
    binds.push_back(write_processing_config(ticket, around.workspace, around.machine_network));
    outputs.emplace(ticket, around, note);
  } else {
    write_config_files(ticket, around.workspace, around.machine_network);
  }
  if (std::any_of(ticket.channels.begin(), ticket.channels.end(), is_file_mode))
    reporter.enter(JobPhase::Downloading);
  for (const auto& feed : feeds) feed->prepare(stop);
  for (Bind& bind : binds_of(feeds)) binds.push_back(std::move(bind));
  if (outputs) outputs->add_binds(binds);
  const std::unique_ptr<Checkpoints> checkpoints = restore_checkpoints(ticket, around, note, binds);
  if (ticket.processing) nest(binds);
  SandboxOrder order = sandbox_order(ticket, around.workspace, std::move(binds));
  const MetricPatterns patterns(definitions_of(ticket));
  const std::map<std::string, std::string> outer_environment = order.environment;
  JobNetwork network(network_of(ticket, around));
  if (!network.arrange(order, stop) || stop.stop_requested()) return stopped_before_start();
  if (ticket.max_runtime_in_seconds <= 0)
    return JobOutcome{.result = JobResult::MaxRuntimeExceeded};

  // Declared before the program: should watching throw, the program is killed first, and only that
  // ends the output whose end the pump waits for.
  std::optional<OutputPump> pump;
  const std::unique_ptr<Program> program = start(order, outer_environment, network, ticket, around);
  const Following following(around.residency, network);
  const FollowingReport following_report(around);
  reporter.enter(JobPhase::Training, program->started());
  for (const std::string& problem : patterns.problems()) reporter.note(problem);
  for (const std::string& limit : program->unenforced()) reporter.note(limit);
  pump.emplace(program->take_output(), lines_of_job(patterns, reporter));
  if (checkpoints) {
    // Said before: what fails half-way has been written to all the same.
    tell_checkpoints(ticket, around, PlaceAccess::Write);
    checkpoints->start();
  }
  if (outputs) outputs->start();
  std::optional<InstanceMetrics> measuring(
      std::in_place, around.workspace,
      InstanceSize{.memory_bytes = ticket.memory_bytes, .volume_bytes = ticket.volume_bytes},
      [&](const std::string& name, double value) {
        reporter.metric(
            {.metric_name = name, .value = value, .timestamp = now(), .of_instance = true});
      });
  const Ended ended = watch(*program, around.workspace,
                            {.max_runtime = std::chrono::seconds(ticket.max_runtime_in_seconds),
                             .grace = std::chrono::seconds(ticket.grace_period_in_seconds),
                             .volume_bytes = ticket.volume_bytes},
                            {.stop = stop,
                             .feed_failed = alarm.raised(),
                             .stop_grace = [&] { return reporter.interrupted(); },
                             .on_kill =
                                 [&] {
                                   for (const auto& feed : feeds) feed->abort();
                                 }});
  measuring.reset();
  pump->finish();
  // A host that has failed ends the others instead.
  if (ended.why == Ending::ByItself && ended.exit.code == 0) network.wait_for_others(stop);
  for (const auto& feed : feeds) feed->finish();
  tell_workspace(around);
  reporter.check_connection();

  JobOutcome outcome{.result = result_of(ended), .exit_code = ended.exit.code};
  if (outcome.result == JobResult::Failed)
    outcome.failure_reason = failure_of(ended, ticket, around.workspace);
  blame_feed(alarm, ended, outcome);
  if (checkpoints) store_last_checkpoints(ticket, *checkpoints, around, outcome);
  if (reporter.interrupted()) {
    reporter.note(
        "the instance of this job was taken away; it goes on, from its checkpoints if it has any, "
        "once there is another");
    return outcome;
  }
  if (outputs) {
    reporter.enter(JobPhase::Uploading);
    read_exit_message(around.workspace, outcome);
    outputs->finish(outcome);
    return outcome;
  }
  // Of several hosts the last to end uploads what all left.
  if (ticket.hosts.size() > 1) return outcome;
  reporter.enter(JobPhase::Uploading);
  upload_results(ticket, around, outcome);
  return outcome;
}

}  // namespace millrace::runner
