#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "core/base/time.h"
#include "platform/catalog/instance_types.h"
#include "platform/records/database.h"

namespace millrace::fleet {

/// A job that wants an instance.
struct InstanceRequest {
  std::string account;
  std::string job;       ///< name as given
  std::string region;    ///< for the supervisor's client
  std::string role_arn;  ///< whose session the job's keys are
  catalog::Resources demand;
};

/// A supervisor is gone, whether it did its work or not.
struct SupervisorEnd {
  std::string account;
  std::string job;
  /// Why, for the case that the job is not finished: "the supervisor was killed by signal 9. Its
  /// last lines: ...".
  std::string reason;
  /// It may never have run: the daemon was killed between deciding to start it and writing down
  /// that it had.
  bool maybe_never_started = false;
};

/// What becomes of the instance of a supervisor that has ended.
enum class AfterEnd {
  GiveBack,
  WaitAgain,  ///< the job goes on with a new supervisor
};

/// The instances of this machine: one queue for everything that needs one, leases, and supervisor
/// processes.
///
/// Queue and leases are rows, written in the caller's transaction; one thread of the fleet starts
/// what fits and notices what ends, woken by wake() and by the processes themselves. Supervisors
/// outlive the daemon: start() finds those of the last run again.
///
///     Fleet fleet(database, {.program = "/proc/self/exe", .data_dir = data, .machine =
///     catalog::this_machine()}); fleet.start([&](records::Connection& transaction, const
///     SupervisorEnd& end) { return jobs.ended(...); });
class Fleet {
 public:
  struct Options {
    std::filesystem::path program;   ///< the millrace binary, which is run as `millrace job <name>`
    std::filesystem::path data_dir;  ///< absolute
    catalog::Resources machine;      ///< what may be leased in all
    std::map<std::string, std::string> environment;  ///< more variables for supervisors
  };
  /// Called in a transaction, on the fleet's thread.
  using OnEnd = std::function<AfterEnd(records::Connection& transaction, const SupervisorEnd& end)>;

  /// `database` must outlive the fleet.
  Fleet(records::Database& database, Options options);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  [[nodiscard]] const catalog::Resources& machine() const { return options_.machine; }

  /// Puts a job at the end of the queue, in the caller's transaction; call wake() once that is
  /// committed.
  static void enqueue(records::Connection& transaction, const InstanceRequest& request);
  /// Takes a job that is still waiting out of the queue; false when it has an instance.
  static bool withdraw(records::Connection& transaction, const std::string& account,
                       const std::string& job);
  /// When the supervisor of a job is killed if it is still there. Call wake() after the commit.
  static void set_deadline(records::Connection& transaction, const std::string& account,
                           const std::string& job, Time at);

  /// Looks at queue, deadlines and supervisors at once.
  void wake();
  /// A supervisor says its process number; needed only where a restarted daemon does not know it.
  void announce(const std::string& job, std::int64_t pid);

  /// Finds the supervisors of an earlier run and begins to start jobs. Once.
  void start(OnEnd on_end);
  /// Starts nothing more and returns; supervisors go on.
  void stop();

 private:
  class Loop;

  records::Database& database_;
  const Options options_;
  Fd wake_;  ///< eventfd
  Guarded<std::map<std::string, std::int64_t>> announced_;
  std::jthread thread_;
};

}  // namespace millrace::fleet
