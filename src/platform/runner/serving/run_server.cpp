#include "platform/runner/serving/run_server.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "core/http/listener.h"
#include "platform/runner/channels/file.h"
#include "platform/runner/instance_metrics.h"
#include "platform/runner/job_setup.h"
#include "platform/runner/network/inner_endpoint.h"
#include "platform/runner/network/relay.h"
#include "platform/runner/output_pump.h"
#include "platform/runner/program_start.h"
#include "platform/runner/serving/fetch_model.h"
#include "platform/runner/serving/ping.h"
#include "platform/runner/stop_signal.h"
#include "platform/runner/volume_gauge.h"

namespace millrace::runner {
namespace {

using std::chrono::milliseconds;
using wire::control::ServerPhase;
using wire::control::ServerTicket;

/// A server that starts is asked at once and then less and less often.
constexpr milliseconds kFirstInterval{5};
constexpr milliseconds kLongestFirstInterval{50};
/// One that has been healthy and fails.
constexpr milliseconds kLongestFailingInterval{250};

/// Where the server has to listen, if not on kServerPort.
constexpr const char* kPortVariable = "SAGEMAKER_BIND_TO_PORT";

std::uint16_t port_of_server(const std::map<std::string, std::string>& environment) {
  const auto found = environment.find(kPortVariable);
  if (found == environment.end()) return kServerPort;
  const std::optional<std::int64_t> port = parse_int(found->second);
  if (!port || *port < 1 || *port > 65535) {
    throw Error(Blame::Customer,
                Problem{.where = std::string("environment variable ") + kPortVariable,
                        .given = found->second,
                        .expected = "a port from 1 to 65535",
                        .fix = "Leave it out for port 8080."});
  }
  return static_cast<std::uint16_t>(*port);
}

std::string seconds_text(milliseconds time) {
  return number_text(static_cast<double>(time.count()) / 1000) + " s";
}

std::string how_it_ended(const Exit& exit, const ServerTicket& ticket) {
  if (exit.out_of_memory && exit.code == 128 + SIGKILL) {
    return "the server ran out of memory (limit " +
           human_bytes(static_cast<std::uint64_t>(ticket.memory_bytes)) + ").";
  }
  if (exit.code > 128)
    return "the server was ended by signal " + std::to_string(exit.code - 128) + ".";
  return "the server exited with status " + std::to_string(exit.code) + ".";
}

/// SIGTERM, and SIGKILL where that is not enough or does nothing.
void end_program(const Program& program, milliseconds grace) {
  using Clock = std::chrono::steady_clock;
  program.terminate();
  const Clock::time_point kill_at =
      Clock::now() + (program.heeds_terminate() ? grace : milliseconds(0));
  while (Clock::now() < kill_at) {
    const auto left = std::chrono::ceil<milliseconds>(kill_at - Clock::now());
    if (program.ended(std::max(left, milliseconds(0)), -1)) return;
  }
  program.kill();
}

}  // namespace

/// Asks one start of the server how it is, until it ends or has to.
class ServerRun::Watch {
 public:
  Watch(ServerRun& run, const Program& program, Door& door, const std::function<void()>& on_healthy)
      : run_(run),
        program_(program),
        door_(door),
        on_healthy_(on_healthy),
        stop_(run.stop_.get_token()),
        volume_(run.around_.workspace, volume_of(run.ticket_)) {}

  /// The Life so far; its `end` is still to be told where the program has ended by itself.
  struct Result {
    Life life;
    bool by_itself = false;
  };
  Result watch() {
    for (;;) {
      const Clock::time_point at = Clock::now();
      const auto wait = std::chrono::ceil<milliseconds>(std::min(next_ping_, volume_.next()) - at);
      if (program_.ended(std::max(wait, milliseconds(0)), stop_.fd()))
        return {.life = std::move(life_), .by_itself = true};
      if (run_.stop_.stop_requested()) return over("");
      if (volume_.exceeded()) {
        life_.may_go_on = false;
        return over("the server's files take more than the volume of " +
                    human_bytes(static_cast<std::uint64_t>(volume_of(run_.ticket_))) +
                    ". Ask for a larger VolumeSizeInGB.");
      }
      if (Clock::now() < next_ping_) continue;
      const Ping asked = ask();
      if (asked.interrupted) continue;
      if (asked.problem.empty()) {
        found_healthy();
      } else if (std::string end = found_unhealthy(asked.problem); !end.empty()) {
        return over(std::move(end));
      }
    }
  }

 private:
  Result over(std::string end) {
    life_.end = std::move(end);
    return {.life = std::move(life_)};
  }

  Ping ask() {
    try {
      return ping(door_.connect(), run_.times_.ping_limit, stop_.fd());
    } catch (const Error& error) {
      return {.problem = error.what()};
    }
  }

  void found_healthy() {
    next_ping_ = Clock::now() + run_.times_.ping_interval;
    failures_ = 0;
    if (told_healthy_) return;
    told_healthy_ = true;
    if (!life_.healthy_since) life_.healthy_since = Clock::now();
    on_healthy_();
    run_.was_healthy_ = true;
    run_.around_.reporter.enter({.phase = ServerPhase::Healthy, .restarts = run_.restarts_});
  }

  /// Why the server has to end; empty: not yet.
  std::string found_unhealthy(const std::string& problem) {
    const Clock::time_point at = Clock::now();
    if (!life_.healthy_since) {
      interval_ = std::min(2 * interval_, kLongestFirstInterval);
      next_ping_ = at + interval_;
      if (at < run_.deadline()) return {};
      life_.may_go_on = run_.was_healthy_;
      return "the server was not healthy within " +
             std::to_string(run_.ticket_.startup_timeout_in_seconds) +
             " s of its start: " + problem + ".";
    }
    next_ping_ = at + std::min(run_.times_.ping_interval, kLongestFailingInterval);
    if (failures_++ == 0) failing_since_ = at;
    if (failures_ >= run_.times_.failures && told_healthy_) {
      told_healthy_ = false;
      run_.around_.reporter.enter(
          {.phase = ServerPhase::Unhealthy,
           .reason = cut_failure_reason("the server is not healthy: " + problem + "." +
                                        run_.last_lines_.sentence()),
           .restarts = run_.restarts_});
    }
    if (at - failing_since_ < run_.times_.unhealthy_limit) return {};
    return "the server has not been healthy for " + seconds_text(run_.times_.unhealthy_limit) +
           ": " + problem + ".";
  }

  ServerRun& run_;
  const Program& program_;
  Door& door_;
  const std::function<void()>& on_healthy_;
  const StopSignal stop_;
  VolumeGauge volume_;
  Life life_;
  Clock::time_point next_ping_ = Clock::now();
  milliseconds interval_ = kFirstInterval;
  bool told_healthy_ = false;
  int failures_ = 0;  ///< in a row, since it was healthy
  Clock::time_point failing_since_{};
};

ServerRun::ServerRun(const ServerTicket& ticket, const ServerSurroundings& around)
    : ticket_(ticket),
      around_(around),
      times_(around.options.times),
      by_daemon_(around.reporter.stop_requested(), [this] { stop_.request_stop(); }),
      by_signal_(around.end, [this] { stop_.request_stop(); }),
      pause_(times_.first_pause) {}

std::string ServerRun::run() {
  if (ticket_.command.empty())
    throw Error(Blame::Customer, "the image of this model names no program to run");
  const Fd image = hold_image(ticket_.container);
  model_ = fetch_model(ticket_, around_.workspace, around_.connect, around_.options.patience,
                       stop_.get_token());
  for (;;) {
    if (stop_.stop_requested()) return {};
    if (!was_healthy_ && restarts_ == 0) started_ = Clock::now();
    if (was_healthy_) started_ = Clock::now();
    const Life life = live();
    if (life.end.empty()) return {};
    const std::string reason = cut_failure_reason(life.end + last_lines_.sentence());
    const bool hopeless = !was_healthy_ && restarts_ + 1 >= times_.first_starts;
    if (!life.may_go_on || hopeless) return reason;
    ++restarts_;
    pause_after(life, reason);
  }
}

ServerRun::Clock::time_point ServerRun::deadline() const {
  return started_ + std::chrono::seconds(ticket_.startup_timeout_in_seconds);
}

ServerRun::Life ServerRun::live() {
  // Declared before the program: should watching throw, the program is killed first, and only that
  // ends the output whose end the pump waits for.
  std::optional<OutputPump> pump;
  std::shared_ptr<Door> door;
  NamespaceDoor* namespace_door = nullptr;
  const std::unique_ptr<Program> program = start(door, namespace_door);
  if (restarts_ == 0) {
    for (const std::string& limit : program->unenforced()) around_.reporter.note(limit);
  }
  std::optional<Relay> relay;
  if (namespace_door != nullptr && !is_isolated()) {
    relay.emplace(namespace_door->arrivals(),
                  [path = around_.options.daemon_socket] { return connect_to_daemon(path); });
  }
  pump.emplace(program->take_output(), [this](Time read_at, std::string_view line) {
    last_lines_.add(line);
    around_.reporter.log(read_at, line);
  });
  const InstanceMetrics measuring(
      around_.workspace, {.memory_bytes = ticket_.memory_bytes, .volume_bytes = volume_of(ticket_)},
      [this](const std::string& name, double value) {
        around_.reporter.metric({.metric_name = name, .value = value, .timestamp = now()});
      });
  const std::function<void()> on_healthy = [&] { around_.gate.open(door); };
  Watch::Result result = Watch(*this, *program, *door, on_healthy).watch();
  if (!result.by_itself) {
    around_.gate.close(result.life.end.empty() ? "it is being stopped"
                                               : "it is being started again");
    end_program(*program, times_.grace);
  }
  const Exit exit = program->wait();
  around_.gate.close("it is being started again");
  pump->finish();
  if (result.by_itself) {
    result.life.end = stop_.stop_requested() ? "" : how_it_ended(exit, ticket_);
  }
  return std::move(result.life);
}

std::unique_ptr<Program> ServerRun::start(std::shared_ptr<Door>& door,
                                          NamespaceDoor*& namespace_door) {
  SandboxOrder order = this->order();
  const std::map<std::string, std::string> outer = order.environment;
  std::uint16_t daemon_port = make_endpoint_inner(order.environment, {.taken_port = kServerPort});
  // Whatever the image or the model's container says its endpoint is.
  if (is_isolated()) daemon_port = 0;
  const std::uint16_t server_port = port_of_server(order.environment);
  order.prepare = [&](pid_t member) {
    auto made = std::make_shared<NamespaceDoor>(
        namespace_of(member),
        NamespaceDoor::Options{.server_port = server_port, .daemon_port = daemon_port});
    namespace_door = made.get();
    door = std::move(made);
  };
  return start_program(
      std::move(order), around_.workspace, around_.options.may_run_unconfined,
      [&](SandboxOrder& unconfined, const std::string& reason) {
        if (ticket_.network_isolation) refuse_unisolated("model", reason);
        // Nobody holds the port until the server does; another program may take it before that, and
        // then the server ends and is started again on another.
        const std::uint16_t port = http::bound_port(http::listen_tcp("127.0.0.1", 0));
        unconfined.environment = outer;
        unconfined.environment[kPortVariable] = std::to_string(port);
        if (model_) separate_from_store(model_->source);
        namespace_door = nullptr;
        door = std::make_shared<PortDoor>(port);
        if (restarts_ == 0) {
          around_.reporter.note(
              "this server runs WITHOUT a sandbox, as MILLRACE_ALLOW_UNCONFINED allows: " + reason);
        }
      });
}

SandboxOrder ServerRun::order() const {
  std::map<std::string, std::string> environment =
      program_environment(ticket_.cpus, ticket_.region);
  environment["SAGEMAKER_REGION"] = ticket_.region;
  for (const auto& [name, value] : ticket_.environment) environment[name] = value;
  std::vector<Bind> binds = read_only_binds(ticket_.read_only_binds);
  if (model_) binds.push_back(*model_);
  const Workspace& workspace = around_.workspace;
  return {.command = ticket_.command,
          .environment = std::move(environment),
          .host = ticket_.host,
          .hosts = {ticket_.host},
          .addresses = {},
          .writable = workspace.writable(),
          .input = workspace.input(),
          .scratch = workspace.scratch(),
          .binds = std::move(binds),
          .root = root_file_system(ticket_.container, workspace),
          .network = false,
          .limits = {.cpus = ticket_.cpus,
                     .memory_bytes = ticket_.memory_bytes,
                     .processes = kMaxProcesses},
          .group_name = "millrace-" + std::to_string(::getpid()) + "-" + ticket_.workload};
}

void ServerRun::pause_after(const Life& life, const std::string& reason) {
  const bool was_steady = life.healthy_since && Clock::now() - *life.healthy_since >= times_.steady;
  if (was_steady) pause_ = times_.first_pause;
  around_.reporter.enter({.phase = was_healthy_ ? ServerPhase::Unhealthy : ServerPhase::Starting,
                          .reason = reason,
                          .restarts = restarts_});
  around_.reporter.note(life.end + " It is started again in " + seconds_text(pause_) + ".");
  wait_until(Clock::now() + pause_, stop_.get_token());
  pause_ = std::min(2 * pause_, times_.longest_pause);
}

}  // namespace millrace::runner
