#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/fleet/fleet.h"
#include "platform/fleet/supervisor_process.h"
#include "platform/fleet/sweeper.h"
#include "platform/identity/keyring.h"
#include "platform/records/instance_queue.h"

namespace millrace::fleet {

/// What the fleet's thread does, in two files: fleet_loop.cpp has the queue and who starts,
/// supervisors.cpp what becomes of those that have. Nothing here is touched by another thread.
class Fleet::Loop {
 public:
  Loop(Fleet& fleet, HandlersByKind handlers)
      : fleet_(fleet), handlers_(std::move(handlers)), sweeper_(fleet.options_.data_dir / "work") {}

  void run(const std::stop_token& stop);

  /// How Fleet::heard_ knows a supervisor.
  static std::string key_of(const std::string& workload, const std::string& host) {
    return to_lower(workload) + "/" + host;
  }

 private:
  using SteadyClock = std::chrono::steady_clock;

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
    records::QueueRow row;
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
  static identity::JobKeys issue_keys(records::Connection& transaction,
                                      const records::QueueRow& row);
  void settle();
  void settle(Lease& lease, Supervisor& supervisor);
  void expire();
  [[nodiscard]] const Handlers* handlers_of(const std::string& workload) const;
  void start_waiting();
  void start_undemanding();
  void lease_and_start(const records::QueueRow& row);
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

}  // namespace millrace::fleet
