#include "platform/fleet/fleet_loop.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "core/contract/host_names.h"
#include "core/contract/workload.h"
#include "platform/fleet/queue_order.h"

namespace millrace::fleet {
namespace {

using records::Connection;
using records::QueueRow;
using records::QueueTable;

// Only the oldest are looked at: more than kMaxPasses cannot pass the first anyway.
constexpr std::int64_t kWindow = 4 * kMaxPasses;
// How often a supervisor is looked at whose process number is not known, and a full disk tried
// again.
constexpr int kRetryMs = 1000;

}  // namespace

identity::JobKeys Fleet::Loop::issue_keys(Connection& transaction, const QueueRow& row) {
  return identity::Keyring::issue(transaction, {.account = row.account, .user = row.user}, row.job,
                                  row.role_arn);
}

catalog::Resources Fleet::Loop::free() const {
  catalog::Resources free = fleet_.options_.machine;
  for (const Lease& lease : leases_) {
    free.cpus -= lease.row.cpus;
    free.memory_bytes -= lease.row.memory_bytes;
  }
  return free;
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

}  // namespace millrace::fleet
