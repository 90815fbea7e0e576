#include <poll.h>
#include <sys/wait.h>

#include <algorithm>

#include "platform/fleet/fleet_loop.h"
#include "platform/records/metric_reports.h"

namespace millrace::fleet {
namespace {

using records::Connection;
using records::QueueRow;
using records::QueueTable;

// How much of a supervisor's last words goes into a FailureReason, which holds 1024 bytes in all.
constexpr std::size_t kLogTailBytes = 600;

/// How long a supervisor that has been silent for too long is waited for once more, as a share of
/// that time: the daemon itself may have been held up, and hears what queued up meanwhile.
constexpr int kSecondLook = 8;

std::string how_it_ended(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED)
    return "the supervisor exited with status " + std::to_string(info.si_status);
  return "the supervisor was killed by signal " + std::to_string(info.si_status);
}

}  // namespace

std::filesystem::path Fleet::Loop::directory(const Lease& lease,
                                             const Supervisor& supervisor) const {
  return fleet_.options_.data_dir / "work" / lease.row.job / supervisor.host;
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
    const auto found = all.find(key_of(lease.row.job, supervisor.host));
    if (found == all.end()) return std::nullopt;
    return found->second;
  });
}

std::optional<std::chrono::steady_clock::time_point> Fleet::Loop::silence_due(
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
  fleet_.heard_.with([&](auto& all) { all.erase(key_of(end.workload, end.host)); });
  if (end.last) {
    lease.row.id = 0;
    return;
  }
  supervisor = Supervisor{.host = end.host, .settled = !keys};
  if (!keys) return;
  start(lease, supervisor, *keys);
  write_down(lease);
}

}  // namespace millrace::fleet
