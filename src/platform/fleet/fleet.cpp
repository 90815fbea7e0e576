#include "platform/fleet/fleet.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/host_names.h"
#include "core/contract/workload.h"
#include "platform/fleet/queue_order.h"
#include "platform/fleet/supervisor_process.h"
#include "platform/fleet/sweeper.h"
#include "platform/identity/keyring.h"
#include "platform/records/instance_queue.h"
#include "platform/records/metric_reports.h"

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

/// How long a supervisor that has been silent for too long is waited for once more, as a share of
/// that time: the daemon itself may have been held up, and hears what queued up meanwhile.
constexpr int kSecondLook = 8;

using SteadyClock = std::chrono::steady_clock;

std::string supervisor_key(const std::string& workload, const std::string& host) {
  return to_lower(workload) + "/" + host;
}

std::string how_it_ended(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED)
    return "the supervisor exited with status " + std::to_string(info.si_status);
  return "the supervisor was killed by signal " + std::to_string(info.si_status);
}

identity::JobKeys issue_keys(Connection& transaction, const QueueRow& row) {
  return identity::Keyring::issue(transaction, {.account = row.account, .user = row.user}, row.job,
                                  row.role_arn);
}

}  // namespace

/// The thread's own state; nothing here is touched by another thread.
class Fleet::Loop {
 public:
  Loop(Fleet& fleet, HandlersByKind handlers)
      : fleet_(fleet), handlers_(std::move(handlers)), sweeper_(fleet.options_.data_dir / "work") {}

  void run(const std::stop_token& stop);

 private:
  struct Supervisor {
    std::string host;
    std::optional<ProcessId> process;
    Fd watch;  ///< readable when the process has ended; absent while the process is not known
    SteadyClock::time_point since = SteadyClock::now();  ///< started, or found again
    std::optional<SteadyClock::time_point> suspected;    ///< found silent for too long
    std::string killed;                                  ///< by us, why; empty: it was not
    std::optional<SupervisorEnd> end;  ///< has ended, but that is not written down yet
    bool settled = false;              ///< has ended, and others of its lease have not
  };
  struct Lease {
    QueueRow row;
    std::vector<Supervisor> supervisors;  ///< one for each host
  };

  void find_earlier();
  void find_earlier(const Lease& lease, Supervisor& supervisor,
                    const records::SupervisorRow* known);
  void look_after(const Lease& lease, Supervisor& supervisor);
  void kill(const Lease& lease, Supervisor& supervisor, const char* event, std::string why) const;
  [[nodiscard]] std::optional<Heard> heard(const Lease& lease, const Supervisor& supervisor) const;
  void check_silence(const Lease& lease, Supervisor& supervisor) const;
  /// When check_silence() has something to do; nullopt: never.
  [[nodiscard]] std::optional<SteadyClock::time_point> silence_due(
      const Lease& lease, const Supervisor& supervisor) const;
  void settle();
  void settle(Lease& lease, Supervisor& supervisor);
  void expire();
  [[nodiscard]] const Handlers* handlers_of(const std::string& workload) const;
  void start_waiting();
  void start_undemanding();
  void lease_and_start(const QueueRow& row);
  void start(const Lease& lease, Supervisor& supervisor, const aws::Credentials& keys);
  void write_down(const Lease& lease);
  void refresh_deadlines();
  [[nodiscard]] int timeout_ms() const;
  [[nodiscard]] catalog::Resources free() const;
  [[nodiscard]] std::filesystem::path directory(const Lease& lease,
                                                const Supervisor& supervisor) const;
  [[nodiscard]] SupervisorEnd end_of(const Lease& lease, const Supervisor& supervisor,
                                     std::string how) const;
  static void log_event(const std::string& line) {
    std::cerr << iso8601(now()) << " " << line << std::endl;
  }

  Fleet& fleet_;
  const HandlersByKind handlers_;
  Sweeper sweeper_;
  std::vector<Lease> leases_;
  std::map<std::int64_t, std::int64_t> passes_;
  std::optional<Time> next_expiry_;
  bool found_earlier_ = false;
  bool retry_ = false;
};

std::filesystem::path Fleet::Loop::directory(const Lease& lease,
                                             const Supervisor& supervisor) const {
  return fleet_.options_.data_dir / "work" / lease.row.job / supervisor.host;
}

catalog::Resources Fleet::Loop::free() const {
  catalog::Resources free = fleet_.options_.machine;
  for (const Lease& lease : leases_) {
    free.cpus -= lease.row.cpus;
    free.memory_bytes -= lease.row.memory_bytes;
  }
  return free;
}

SupervisorEnd Fleet::Loop::end_of(const Lease& lease, const Supervisor& supervisor,
                                  std::string how) const {
  const std::string tail = supervisor_log_tail(directory(lease, supervisor), kLogTailBytes);
  how += tail.empty() ? "." : ". Its last words: " + tail;
  return {.account = lease.row.account,
          .workload = lease.row.job,
          .host = supervisor.host,
          .reason = std::move(how)};
}

void Fleet::Loop::find_earlier() {
  leases_.clear();
  std::vector<std::string> in_use;
  fleet_.database_.snapshot([&](Connection& connection) {
    QueueTable queue(connection);
    for (const QueueRow& row : queue.leased()) {
      in_use.push_back(row.job);
      Lease& lease = leases_.emplace_back(Lease{.row = row, .supervisors = {}});
      const std::vector<records::SupervisorRow> known = queue.supervisors(row.id);
      for (const std::string& host : host_names(row.hosts)) {
        const auto found = std::find_if(known.begin(), known.end(),
                                        [&](const auto& one) { return one.host == host; });
        Supervisor& supervisor = lease.supervisors.emplace_back(Supervisor{.host = host});
        find_earlier(lease, supervisor, found == known.end() ? nullptr : &*found);
      }
    }
  });
  sweeper_.sweep_all_but(in_use);
  found_earlier_ = true;
}

void Fleet::Loop::find_earlier(const Lease& lease, Supervisor& supervisor,
                               const records::SupervisorRow* known) {
  if (known != nullptr) {
    supervisor.process =
        ProcessId{.pid = static_cast<pid_t>(known->pid), .started = known->started};
    if (std::optional<Fd> watch = watch_process(*supervisor.process)) {
      supervisor.watch = *std::move(watch);
    } else {
      supervisor.end =
          end_of(lease, supervisor, "the supervisor ended while the daemon was not running");
    }
  } else if (!supervisor_lives(directory(lease, supervisor))) {
    supervisor.end =
        end_of(lease, supervisor, "the daemon was stopped before it had started the supervisor");
    supervisor.end->maybe_never_started = true;
  }
}

void Fleet::Loop::look_after(const Lease& lease, Supervisor& supervisor) {
  if (supervisor.end || supervisor.settled) return;
  if (!supervisor.watch) {
    const std::optional<Heard> heard = this->heard(lease, supervisor);
    if (heard && heard->pid) supervisor.process = find_process(static_cast<pid_t>(*heard->pid));
    std::optional<Fd> watch;
    if (supervisor.process) watch = watch_process(*supervisor.process);
    if (watch) {
      supervisor.watch = *std::move(watch);
      write_down(lease);
    } else if (!supervisor_lives(directory(lease, supervisor))) {
      supervisor.end = end_of(lease, supervisor, "the supervisor ended without a last report");
    }
    if (!supervisor.watch) return;
  }
  if (supervisor.killed.empty()) check_silence(lease, supervisor);
  if (supervisor.killed.empty() && lease.row.deadline_at && now() >= *lease.row.deadline_at)
    kill(lease, supervisor, "deadline", "the supervisor did not end in time and was killed");
  pollfd ended{.fd = supervisor.watch.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, 0) != 1) return;
  siginfo_t info{};
  std::string how = "the supervisor ended";
  // Only our own children can be reaped; for those of an earlier daemon the end is all there is to
  // know.
  if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(supervisor.watch.get()), &info,
               WEXITED) == 0)
    how = how_it_ended(info);
  if (!supervisor.killed.empty()) how = supervisor.killed;
  supervisor.end = end_of(lease, supervisor, how);
}

void Fleet::Loop::kill(const Lease& lease, Supervisor& supervisor, const char* event,
                       std::string why) const {
  log_event("event=supervisor_killed workload=" + lease.row.job + " host=" + supervisor.host +
            " reason=" + event);
  kill_process(supervisor.watch);
  supervisor.killed = std::move(why);
}

std::optional<Fleet::Heard> Fleet::Loop::heard(const Lease& lease,
                                               const Supervisor& supervisor) const {
  return fleet_.heard_.with([&](const auto& all) -> std::optional<Heard> {
    const auto found = all.find(supervisor_key(lease.row.job, supervisor.host));
    if (found == all.end()) return std::nullopt;
    return found->second;
  });
}

std::optional<SteadyClock::time_point> Fleet::Loop::silence_due(
    const Lease& lease, const Supervisor& supervisor) const {
  const Handlers* handlers = handlers_of(lease.row.job);
  if (handlers == nullptr || handlers->max_silence.count() == 0) return std::nullopt;
  if (supervisor.suspected) return *supervisor.suspected + handlers->max_silence / kSecondLook;
  const std::optional<Heard> heard = this->heard(lease, supervisor);
  return std::max(supervisor.since, heard ? heard->at : supervisor.since) + handlers->max_silence;
}

void Fleet::Loop::check_silence(const Lease& lease, Supervisor& supervisor) const {
  const auto suspected = std::exchange(supervisor.suspected, std::nullopt);
  const auto due = silence_due(lease, supervisor);
  const SteadyClock::time_point at = SteadyClock::now();
  if (!due || at < *due) return;
  supervisor.suspected = suspected ? suspected : at;
  if (at < silence_due(lease, supervisor).value()) return;
  const auto silence = handlers_of(lease.row.job)->max_silence;
  kill(lease, supervisor, "silence",
       "the supervisor was not heard from for " +
           number_text(static_cast<double>(silence.count()) / 1000) + " s and was killed");
}

/// Writes down what has ended. What cannot be written stays and is tried again.
void Fleet::Loop::settle() {
  for (Lease& lease : leases_) {
    for (Supervisor& supervisor : lease.supervisors) {
      if (supervisor.end && lease.row.id != 0) settle(lease, supervisor);
    }
  }
  std::erase_if(leases_, [](const Lease& lease) { return lease.row.id == 0; });
}

void Fleet::Loop::settle(Lease& lease, Supervisor& supervisor) {
  SupervisorEnd end = *supervisor.end;
  end.last =
      std::all_of(lease.supervisors.begin(), lease.supervisors.end(),
                  [&](const Supervisor& other) { return &other == &supervisor || other.settled; });
  // Moved away before the job may wait again: its next supervisors begin with an empty directory.
  if (end.last) sweeper_.sweep(end.workload);
  std::optional<aws::Credentials> keys;
  fleet_.database_.write([&](Connection& transaction) {
    QueueTable queue(transaction);
    if (end.last) {
      identity::Keyring::revoke(transaction, end.workload);
      records::MetricReportTable(transaction).erase(end.account, end.workload);
    }
    const Handlers* handlers = handlers_of(end.workload);
    const AfterEnd after =
        handlers == nullptr ? AfterEnd::GiveBack : handlers->on_end(transaction, end);
    if (!end.last) {
      if (after == AfterEnd::StartAgain) {
        keys = issue_keys(transaction, lease.row).supervisor;
      }
    } else if (after == AfterEnd::WaitAgain) {
      queue.wait_again(lease.row.id);
    } else {
      queue.erase(lease.row.id);
    }
  });
  fleet_.heard_.with([&](auto& all) { all.erase(supervisor_key(end.workload, end.host)); });
  if (end.last) {
    lease.row.id = 0;
    return;
  }
  supervisor = Supervisor{.host = end.host, .settled = !keys};
  if (!keys) return;
  start(lease, supervisor, *keys);
  write_down(lease);
}

/// Nullptr for a kind that this daemon does not know: a newer one may have run before it.
const Fleet::Handlers* Fleet::Loop::handlers_of(const std::string& workload) const {
  const auto found = handlers_.find(workload::kind_of(workload));
  return found == handlers_.end() ? nullptr : &found->second;
}

/// Tells the workloads whose time is over; those that wait are waiting no more.
void Fleet::Loop::expire() {
  const Time at = now();
  const auto expired = fleet_.database_.read(
      [&](Connection& connection) { return QueueTable(connection).expired(at); });
  for (const QueueRow& row : expired) {
    const Handlers* handlers = handlers_of(row.job);
    const bool ignored = handlers == nullptr || !handlers->on_expiry;
    fleet_.database_.write([&](Connection& transaction) {
      QueueTable queue(transaction);
      // It may have been withdrawn meanwhile; only this thread leases.
      if (!queue.find(row.account, row.job)) return;
      queue.clear_expiry(row.id);
      if (ignored) return;
      if (!row.leased) queue.erase(row.id);
      handlers->on_expiry(
          transaction, {.account = row.account, .workload = row.job, .has_instances = row.leased});
    });
  }
  next_expiry_ = fleet_.database_.read(
      [](Connection& connection) { return QueueTable(connection).next_expiry(); });
}

void Fleet::Loop::refresh_deadlines() {
  if (leases_.empty()) return;
  const auto rows =
      fleet_.database_.read([](Connection& connection) { return QueueTable(connection).leased(); });
  for (Lease& lease : leases_) {
    for (const QueueRow& row : rows) {
      if (row.id == lease.row.id) lease.row.deadline_at = row.deadline_at;
    }
  }
}

/// What demands nothing starts whatever waits before it, and has passed nobody.
void Fleet::Loop::start_undemanding() {
  const auto rows = fleet_.database_.read(
      [](Connection& connection) { return QueueTable(connection).undemanding(); });
  for (const QueueRow& row : rows) lease_and_start(row);
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
    lease_and_start(rows[*next]);
  }
}

void Fleet::Loop::lease_and_start(const QueueRow& row) {
  // The lease is durable before a process exists, so that after a crash no host has two
  // supervisors.
  using Keys = std::optional<aws::Credentials>;
  const Keys keys = fleet_.database_.write([&](Connection& transaction) -> Keys {
    if (!QueueTable(transaction).lease(row.id)) return std::nullopt;
    return issue_keys(transaction, row).supervisor;
  });
  if (!keys) return;
  Lease& lease = leases_.emplace_back(Lease{.row = row, .supervisors = {}});
  lease.row.leased = true;
  for (const std::string& host : host_names(row.hosts))
    start(lease, lease.supervisors.emplace_back(Supervisor{.host = host}), *keys);
  write_down(lease);
}

/// Where that fails, the supervisor has ended.
void Fleet::Loop::start(const Lease& lease, Supervisor& supervisor, const aws::Credentials& keys) {
  SupervisorStart start{.program = fleet_.options_.program,
                        .workload = lease.row.job,
                        .host = supervisor.host,
                        .directory = directory(lease, supervisor),
                        .environment = fleet_.options_.environment};
  start.environment["MILLRACE_ADDRESS"] =
      "unix:" + (fleet_.options_.data_dir / "millrace.sock").string();
  start.environment["MILLRACE_DATA_DIR"] = fleet_.options_.data_dir.string();
  start.environment["AWS_ACCESS_KEY_ID"] = keys.access_key;
  start.environment["AWS_SECRET_ACCESS_KEY"] = keys.secret_key;
  start.environment["AWS_SESSION_TOKEN"] = keys.session_token;
  start.environment["AWS_REGION"] = lease.row.region;
  start.environment["AWS_DEFAULT_REGION"] = lease.row.region;
  try {
    const pid_t pid = start_supervisor(start);
    supervisor.watch = watch_child(pid);
    supervisor.process = find_process(pid).value_or(ProcessId{.pid = pid});
  } catch (const std::exception& failure) {
    supervisor.end = end_of(lease, supervisor,
                            std::string("the supervisor could not be started: ") + failure.what());
    retry_ = true;
  }
}

void Fleet::Loop::write_down(const Lease& lease) {
  fleet_.database_.write([&](Connection& transaction) {
    QueueTable queue(transaction);
    for (const Supervisor& supervisor : lease.supervisors) {
      if (!supervisor.process || supervisor.end || supervisor.settled) continue;
      queue.set_supervisor(lease.row.id, {.host = supervisor.host,
                                          .pid = supervisor.process->pid,
                                          .started = supervisor.process->started});
    }
  });
}

int Fleet::Loop::timeout_ms() const {
  if (retry_) return kRetryMs;
  std::int64_t wait = -1;
  const auto at_most = [&](std::int64_t ms) { wait = wait < 0 ? ms : std::min(wait, ms); };
  const auto until = [&](Time moment) {
    at_most(std::clamp<std::int64_t>((moment - now()).count() + 1, 0, 3'600'000));
  };
  if (next_expiry_) until(*next_expiry_);
  for (const Lease& lease : leases_) {
    for (const Supervisor& supervisor : lease.supervisors) {
      if (supervisor.settled) continue;
      if (!supervisor.watch) at_most(kRetryMs);
      if (!supervisor.watch || !supervisor.killed.empty()) continue;
      if (lease.row.deadline_at) until(*lease.row.deadline_at);
      if (const auto due = silence_due(lease, supervisor)) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(*due - SteadyClock::now()).count();
        at_most(std::max<std::int64_t>(left, 0));
      }
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
      for (Lease& lease : leases_) {
        for (Supervisor& supervisor : lease.supervisors) look_after(lease, supervisor);
      }
      settle();
      expire();
      // Behind those two, which may have set some; one that has passed ends the next poll at once.
      refresh_deadlines();
      start_undemanding();
      start_waiting();
    } catch (const std::exception& failure) {
      log_event(std::string("event=fleet_failure action=retrying reason=\"") +
                printable(failure.what(), 300) + "\"");
      retry_ = true;
    }
    std::vector<pollfd> watched{{.fd = fleet_.wake_.get(), .events = POLLIN, .revents = 0}};
    for (const Lease& lease : leases_) {
      for (const Supervisor& supervisor : lease.supervisors) {
        if (supervisor.watch && !supervisor.end)
          watched.push_back({.fd = supervisor.watch.get(), .events = POLLIN, .revents = 0});
      }
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
               .job = request.workload,
               .region = request.region,
               .role_arn = request.role_arn,
               .user = request.user,
               .hosts = request.hosts,
               .cpus = request.demand.cpus,
               .memory_bytes = request.demand.memory_bytes,
               .expires_at = request.expires_at});
}

bool Fleet::withdraw(Connection& transaction, const std::string& account,
                     const std::string& workload) {
  return QueueTable(transaction).withdraw(account, workload);
}

bool Fleet::has_instances(Connection& connection, const std::string& account,
                          const std::string& workload) {
  const std::optional<QueueRow> row = QueueTable(connection).find(account, workload);
  return row && row->leased;
}

void Fleet::set_deadline(Connection& transaction, const std::string& account,
                         const std::string& workload, Time at) {
  QueueTable(transaction).set_deadline(account, workload, at);
}

void Fleet::wake() {
  const std::uint64_t one = 1;
  // The counter can only be full when it is already set, which is all that is wanted.
  static_cast<void>(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

std::optional<std::int64_t> Fleet::lease_number(Connection& connection, const std::string& account,
                                                const std::string& job) const {
  const std::optional<QueueRow> row = QueueTable(connection).find(account, job);
  if (!row) return std::nullopt;
  // FNV-1a: the same whatever build of the daemon asks, as a job may outlive one.
  std::uint32_t start = 2166136261U;
  for (const char c : options_.data_dir.native())
    start = (start ^ static_cast<unsigned char>(c)) * 16777619U;
  return std::int64_t{start} + row->id;
}

void Fleet::heard_from(const std::string& workload, const std::string& host,
                       std::optional<std::int64_t> pid) {
  const bool is_new = heard_.with([&](auto& all) {
    Heard& heard = all[supervisor_key(workload, host)];
    heard.at = SteadyClock::now();
    if (!pid || heard.pid == pid) return false;
    heard.pid = pid;
    return true;
  });
  if (is_new) wake();
}

void Fleet::start(HandlersByKind handlers) {
  thread_ =
      std::jthread([this, handlers = std::move(handlers)](const std::stop_token& stop) mutable {
        Loop(*this, std::move(handlers)).run(stop);
      });
}

void Fleet::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake();
  thread_.join();
}

}  // namespace millrace::fleet
