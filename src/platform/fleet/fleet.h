#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "core/base/time.h"
#include "platform/catalog/instance_types.h"
#include "platform/records/database.h"

namespace millrace::fleet {

/// A workload (core/contract/workload.h) that wants instances, all of them at once.
struct InstanceRequest {
  std::string account;
  std::string workload;  ///< with names as given
  std::string region;    ///< for the supervisor's client
  std::string role_arn;  ///< whose session its keys are
  std::string user;      ///< whose policies bind them; empty: none do
  std::int64_t hosts = 1;
  /// Of all hosts together. A workload that demands nothing never waits.
  catalog::Resources demand;
  /// When OnExpiry is called if the workload still waits or holds instances then; absent: never.
  std::optional<Time> expires_at;
};

/// The time of a workload is over.
struct Expiry {
  std::string account;
  std::string workload;
  /// Its supervisors go on until they end or are told to; without instances it has left the queue.
  bool has_instances = false;
};

/// A supervisor is gone, whether it did its work or not.
struct SupervisorEnd {
  std::string account;
  std::string workload;
  std::string host;
  /// Why, for the case that the workload is not finished: "the supervisor was killed by signal 9.
  /// Its last lines: ...".
  std::string reason;
  /// It may never have run: the daemon was killed between deciding to start it and writing down
  /// that it had.
  bool maybe_never_started = false;
  bool last = true;  ///< no other supervisor of the workload is left
};

/// What becomes of a workload's instances when a supervisor has ended. They are held until the last
/// one has.
enum class AfterEnd {
  GiveBack,
  WaitAgain,   ///< after the last: the workload goes on with new supervisors
  StartAgain,  ///< before the last: this host goes on at once with a new supervisor
};

/// The instances of this machine: one queue for everything that needs some, leases, and supervisor
/// processes. A workload's instances are leased together, and each has a supervisor of its own,
/// which works in <data>/work/<workload>/<host>.
///
/// Who made a workload hears of its end: each kind has its handlers. A workload that demands no
/// CPUs and no memory starts at once, whatever else waits, and takes nothing from the others: model
/// servers idle most of the time, and holding their CPUs would keep jobs waiting for ever.
///
/// Queue and leases are rows, written in the caller's transaction; one thread of the fleet starts
/// what fits and notices what ends, woken by wake() and by the processes themselves. Supervisors
/// outlive the daemon: start() finds those of the last run again.
///
///     Fleet fleet(database, {.program = "/proc/self/exe", .data_dir = data, .machine =
///     catalog::this_machine()});
///     fleet.start({{std::string(workload::kTraining), training_jobs.handlers()}});
class Fleet {
 public:
  struct Options {
    /// The millrace binary, which is run as `millrace job <workload> --host <host>`.
    std::filesystem::path program;
    std::filesystem::path data_dir;                  ///< absolute
    catalog::Resources machine;                      ///< what may be leased in all
    std::map<std::string, std::string> environment;  ///< more variables for supervisors
  };
  /// Called in a transaction, on the fleet's thread.
  using OnEnd = std::function<AfterEnd(records::Connection& transaction, const SupervisorEnd& end)>;
  /// As OnEnd; once for each workload.
  using OnExpiry = std::function<void(records::Connection& transaction, const Expiry& expiry)>;
  /// Who is told of the workloads of one kind. Without on_expiry their times are ignored.
  struct Handlers {
    OnEnd on_end;
    OnExpiry on_expiry;
    /// A supervisor that has not been heard from for so long, since it was started or found again,
    /// hangs: it is killed, and its end says so. 0: it may be silent.
    std::chrono::milliseconds max_silence{};
  };
  using HandlersByKind = std::map<std::string, Handlers, std::less<>>;

  /// `database` must outlive the fleet.
  Fleet(records::Database& database, Options options);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  [[nodiscard]] const catalog::Resources& machine() const { return options_.machine; }

  /// Puts a workload at the end of the queue, in the caller's transaction; call wake() once that is
  /// committed.
  static void enqueue(records::Connection& transaction, const InstanceRequest& request);
  /// Takes a workload that is still waiting out of the queue; false when it has its instances.
  static bool withdraw(records::Connection& transaction, const std::string& account,
                       const std::string& workload);
  /// True from when a workload has its instances until its last supervisor has ended.
  static bool has_instances(records::Connection& connection, const std::string& account,
                            const std::string& workload);
  /// When the supervisors of a workload are killed if they are still there. Call wake() after the
  /// commit.
  static void set_deadline(records::Connection& transaction, const std::string& account,
                           const std::string& workload, Time at);

  /// A number that no other workload has while this one waits or has instances; nullopt when it
  /// does neither. Counted from a start that depends on the data directory, so that jobs of two
  /// daemons on one machine hardly ever share one.
  [[nodiscard]] std::optional<std::int64_t> lease_number(records::Connection& connection,
                                                         const std::string& account,
                                                         const std::string& workload) const;

  /// Looks at queue, deadlines and supervisors at once.
  void wake();
  /// A supervisor is alive, and may say its process number; that is needed only where a restarted
  /// daemon does not know it.
  void heard_from(const std::string& workload, const std::string& host,
                  std::optional<std::int64_t> pid = {});

  /// Finds the supervisors of an earlier run and begins to start what waits. Once. Workloads of a
  /// kind without handlers give their instances back when they end.
  void start(HandlersByKind handlers);
  /// Starts nothing more and returns; supervisors go on.
  void stop();

 private:
  class Loop;
  struct Heard {
    std::optional<std::int64_t> pid;
    std::chrono::steady_clock::time_point at;
  };

  records::Database& database_;
  const Options options_;
  Fd wake_;                                      ///< eventfd
  Guarded<std::map<std::string, Heard>> heard_;  ///< by "<workload>/<host>", lower case
  std::jthread thread_;
};

}  // namespace millrace::fleet
