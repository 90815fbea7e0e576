#include "platform/fleet/fleet.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/fleet/queue_order.h"
#include "platform/fleet/supervisor_process.h"
#include "platform/fleet/sweeper.h"
#include "platform/identity/keyring.h"
#include "platform/records/instance_queue.h"

namespace millrace::fleet {
namespace {

using records::Connection;
using records::QueueRow;
using records::QueueTable;

// Only the oldest are looked at: more than kMaxPasses cannot pass the first anyway.
constexpr std::int64_t kWindow = 4 * kMaxPasses;
// How much of a supervisor's last words goes into a FailureReason, which holds 1024 bytes in all.
constexpr std::size_t kLogTailBytes = 600;
// How often a supervisor is looked at whose process number is not known, and a full disk tried
// again.
constexpr int kRetryMs = 1000;

std::string how_it_ended(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED)
    return "the supervisor exited with status " + std::to_string(info.si_status);
  return "the supervisor was killed by signal " + std::to_string(info.si_status);
}

}  // namespace

/// The thread's own state; nothing here is touched by another thread.
class Fleet::Loop {
 public:
  Loop(Fleet& fleet, OnEnd on_end)
      : fleet_(fleet), on_end_(std::move(on_end)), sweeper_(fleet.options_.data_dir / "work") {}

  void run(const std::stop_token& stop);

 private:
  struct Running {
    QueueRow row;
    std::optional<ProcessId> process;
    Fd watch;  ///< readable when the process has ended; absent while the process is not known
    bool killed = false;               ///< by us, at its deadline
    std::optional<SupervisorEnd> end;  ///< has ended, but that is not written down yet
  };

  void find_earlier();
  void look_after(Running& running);
  void settle();
  void start_waiting();
  void start_one(const QueueRow& row);
  void refresh_deadlines();
  [[nodiscard]] int timeout_ms() const;
  [[nodiscard]] catalog::Resources free() const;
  [[nodiscard]] std::filesystem::path directory(const std::string& job) const;
  [[nodiscard]] SupervisorEnd end_of(const Running& running, std::string how) const;
  static void log_event(const std::string& line) {
    std::cerr << iso8601(now()) << " " << line << std::endl;
  }

  Fleet& fleet_;
  OnEnd on_end_;
  Sweeper sweeper_;
  std::vector<Running> running_;
  std::map<std::int64_t, std::int64_t> passes_;
  bool found_earlier_ = false;
  bool retry_ = false;
};

std::filesystem::path Fleet::Loop::directory(const std::string& job) const {
  return fleet_.options_.data_dir / "work" / job;
}

catalog::Resources Fleet::Loop::free() const {
  catalog::Resources free = fleet_.options_.machine;
  for (const Running& running : running_) {
    free.cpus -= running.row.cpus;
    free.memory_bytes -= running.row.memory_bytes;
  }
  return free;
}

SupervisorEnd Fleet::Loop::end_of(const Running& running, std::string how) const {
  const std::string tail = supervisor_log_tail(directory(running.row.job), kLogTailBytes);
  how += tail.empty() ? "." : ". Its last words: " + tail;
  return {.account = running.row.account, .job = running.row.job, .reason = std::move(how)};
}

void Fleet::Loop::find_earlier() {
  const auto rows =
      fleet_.database_.read([](Connection& connection) { return QueueTable(connection).leased(); });
  running_.clear();
  for (const QueueRow& row : rows) {
    Running running{.row = row};
    if (row.supervisor_pid && row.supervisor_started) {
      running.process = ProcessId{.pid = static_cast<pid_t>(*row.supervisor_pid),
                                  .started = *row.supervisor_started};
      if (std::optional<Fd> watch = watch_process(*running.process)) {
        running.watch = *std::move(watch);
      } else {
        running.end = end_of(running, "the supervisor ended while the daemon was not running");
      }
    } else if (!supervisor_lives(directory(row.job))) {
      running.end = end_of(running, "the daemon was stopped before it had started the supervisor");
      running.end->maybe_never_started = true;
    }
    running_.push_back(std::move(running));
  }
  std::vector<std::string> in_use;
  for (const Running& running : running_) in_use.push_back(running.row.job);
  sweeper_.sweep_all_but(in_use);
  found_earlier_ = true;
}

void Fleet::Loop::look_after(Running& running) {
  if (running.end) return;
  if (!running.watch) {
    const auto announced =
        fleet_.announced_.with([&](const auto& pids) -> std::optional<std::int64_t> {
          const auto found = pids.find(to_lower(running.row.job));
          if (found == pids.end()) return std::nullopt;
          return found->second;
        });
    if (announced) running.process = find_process(static_cast<pid_t>(*announced));
    std::optional<Fd> watch;
    if (running.process) watch = watch_process(*running.process);
    if (watch) {
      running.watch = *std::move(watch);
      fleet_.database_.write([&](Connection& transaction) {
        QueueTable(transaction)
            .set_supervisor(running.row.account, running.row.job, running.process->pid,
                            running.process->started);
      });
    } else if (!supervisor_lives(directory(running.row.job))) {
      running.end = end_of(running, "the supervisor ended without a last report");
    }
    if (!running.watch) return;
  }
  if (running.row.deadline_at && now() >= *running.row.deadline_at && !running.killed) {
    log_event("event=supervisor_killed job=" + running.row.job + " reason=deadline");
    kill_process(running.watch);
    running.killed = true;
  }
  pollfd ended{.fd = running.watch.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, 0) != 1) return;
  siginfo_t info{};
  std::string how = "the supervisor ended";
  // Only our own children can be reaped; for those of an earlier daemon the end is all there is to
  // know.
  if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(running.watch.get()), &info,
               WEXITED) == 0)
    how = how_it_ended(info);
  if (running.killed) how = "the supervisor did not end in time and was killed";
  running.end = end_of(running, how);
}

/// Writes down what has ended. What cannot be written stays and is tried again.
void Fleet::Loop::settle() {
  for (Running& running : running_) {
    if (!running.end) continue;
    const SupervisorEnd& end = *running.end;
    // Moved away before the job may wait again: its next supervisor begins with an empty directory.
    sweeper_.sweep(end.job);
    fleet_.database_.write([&](Connection& transaction) {
      QueueTable queue(transaction);
      identity::Keyring::revoke(transaction, end.job);
      if (on_end_(transaction, end) == AfterEnd::WaitAgain) {
        queue.wait_again(end.account, end.job);
      } else {
        queue.erase(end.account, end.job);
      }
    });
    fleet_.announced_.with([&](auto& pids) { pids.erase(to_lower(end.job)); });
    running.row.id = 0;
  }
  std::erase_if(running_, [](const Running& running) { return running.row.id == 0; });
}

void Fleet::Loop::refresh_deadlines() {
  if (running_.empty()) return;
  const auto rows =
      fleet_.database_.read([](Connection& connection) { return QueueTable(connection).leased(); });
  for (Running& running : running_) {
    for (const QueueRow& row : rows) {
      if (row.id == running.row.id) running.row.deadline_at = row.deadline_at;
    }
  }
}

void Fleet::Loop::start_waiting() {
  for (;;) {
    const auto rows = fleet_.database_.read(
        [](Connection& connection) { return QueueTable(connection).waiting(kWindow); });
    std::vector<WaitingJob> waiting;
    for (const QueueRow& row : rows) {
      waiting.push_back(
          {.id = row.id, .demand = {.cpus = row.cpus, .memory_bytes = row.memory_bytes}});
    }
    // An older daemon may have run on a bigger machine; nothing that waits may ask for more than
    // there is.
    for (WaitingJob& job : waiting) {
      job.demand.cpus = std::min(job.demand.cpus, fleet_.options_.machine.cpus);
      job.demand.memory_bytes =
          std::min(job.demand.memory_bytes, fleet_.options_.machine.memory_bytes);
    }
    const std::optional<std::size_t> next = next_to_start(waiting, free(), passes_);
    if (!next) return;
    std::erase_if(passes_,
                  [&](const auto& entry) { return rows.empty() || entry.first < rows.front().id; });
    for (std::size_t i = 0; i < *next; ++i) ++passes_[rows[i].id];
    start_one(rows[*next]);
  }
}

void Fleet::Loop::start_one(const QueueRow& row) {
  // The lease is durable before the process exists, so that after a crash no job has two
  // supervisors.
  using Keys = std::optional<aws::Credentials>;
  const Keys keys = fleet_.database_.write([&](Connection& transaction) -> Keys {
    if (!QueueTable(transaction).lease(row.id)) return std::nullopt;
    return identity::Keyring::issue(transaction, row.account, row.job, row.role_arn).supervisor;
  });
  if (!keys) return;

  SupervisorStart start{.program = fleet_.options_.program,
                        .job = row.job,
                        .directory = directory(row.job),
                        .environment = fleet_.options_.environment};
  start.environment["MILLRACE_ADDRESS"] =
      "unix:" + (fleet_.options_.data_dir / "millrace.sock").string();
  start.environment["MILLRACE_DATA_DIR"] = fleet_.options_.data_dir.string();
  start.environment["AWS_ACCESS_KEY_ID"] = keys->access_key;
  start.environment["AWS_SECRET_ACCESS_KEY"] = keys->secret_key;
  start.environment["AWS_SESSION_TOKEN"] = keys->session_token;
  start.environment["AWS_REGION"] = row.region;
  start.environment["AWS_DEFAULT_REGION"] = row.region;

  running_.push_back({.row = row});
  Running& running = running_.back();
  running.row.leased = true;
  try {
    const pid_t pid = start_supervisor(start);
    running.watch = watch_child(pid);
    running.process = find_process(pid).value_or(ProcessId{.pid = pid});
  } catch (const std::exception& failure) {
    running.end =
        end_of(running, std::string("the supervisor could not be started: ") + failure.what());
    retry_ = true;
    return;
  }
  fleet_.database_.write([&](Connection& transaction) {
    QueueTable(transaction)
        .set_supervisor(row.account, row.job, running.process->pid, running.process->started);
  });
}

int Fleet::Loop::timeout_ms() const {
  if (retry_) return kRetryMs;
  std::int64_t wait = -1;
  const auto at_most = [&](std::int64_t ms) { wait = wait < 0 ? ms : std::min(wait, ms); };
  for (const Running& running : running_) {
    if (!running.watch) at_most(kRetryMs);
    if (running.row.deadline_at && running.watch && !running.killed) {
      at_most(
          std::clamp<std::int64_t>((*running.row.deadline_at - now()).count() + 1, 0, 3'600'000));
    }
  }
  return static_cast<int>(wait);
}

void Fleet::Loop::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    retry_ = false;
    // A database that cannot be written to, for want of space, must not end the daemon: everything
    // here is tried again.
    try {
      if (!found_earlier_) find_earlier();
      refresh_deadlines();
      for (Running& running : running_) look_after(running);
      settle();
      start_waiting();
    } catch (const std::exception& failure) {
      log_event(std::string("event=fleet_failure action=retrying reason=\"") +
                printable(failure.what(), 300) + "\"");
      retry_ = true;
    }
    std::vector<pollfd> watched{{.fd = fleet_.wake_.get(), .events = POLLIN, .revents = 0}};
    for (const Running& running : running_) {
      if (running.watch && !running.end)
        watched.push_back({.fd = running.watch.get(), .events = POLLIN, .revents = 0});
    }
    if (::poll(watched.data(), watched.size(), timeout_ms()) < 0 && errno != EINTR)
      throw_errno("waiting for supervisors");
    std::uint64_t count = 0;
    if ((watched.front().revents & POLLIN) != 0 &&
        ::read(fleet_.wake_.get(), &count, sizeof count) < 0 && errno != EAGAIN) {
      throw_errno("waiting for supervisors");
    }
  }
}

Fleet::Fleet(records::Database& database, Options options)
    : database_(database),
      options_(std::move(options)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) throw_errno("creating an event descriptor");
}

Fleet::~Fleet() {
  stop();
}

void Fleet::enqueue(Connection& transaction, const InstanceRequest& request) {
  QueueTable(transaction)
      .insert({.account = request.account,
               .job = request.job,
               .region = request.region,
               .role_arn = request.role_arn,
               .cpus = request.demand.cpus,
               .memory_bytes = request.demand.memory_bytes});
}

bool Fleet::withdraw(Connection& transaction, const std::string& account, const std::string& job) {
  return QueueTable(transaction).withdraw(account, job);
}

void Fleet::set_deadline(Connection& transaction, const std::string& account,
                         const std::string& job, Time at) {
  QueueTable(transaction).set_deadline(account, job, at);
}

void Fleet::wake() {
  const std::uint64_t one = 1;
  // The counter can only be full when it is already set, which is all that is wanted.
  static_cast<void>(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

void Fleet::announce(const std::string& job, std::int64_t pid) {
  const bool is_new =
      announced_.with([&](auto& pids) { return pids.insert_or_assign(to_lower(job), pid).second; });
  if (is_new) wake();
}

void Fleet::start(OnEnd on_end) {
  thread_ = std::jthread([this, on_end = std::move(on_end)](const std::stop_token& stop) mutable {
    Loop(*this, std::move(on_end)).run(stop);
  });
}

void Fleet::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake();
  thread_.join();
}

}  // namespace millrace::fleet
