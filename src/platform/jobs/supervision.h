#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/time.h"
#include "generated/aws/control/types.h"
#include "platform/aws/authenticate.h"
#include "platform/aws/caller.h"
#include "platform/fleet/fleet.h"
#include "platform/jobs/job_state.h"
#include "platform/records/database.h"
#include "platform/records/jobs.h"

namespace millrace::jobs {

/// SIGTERM to SIGKILL, as published.
inline constexpr std::int64_t kGracePeriodSeconds = 120;
/// How long after its program had to end a supervisor may still upload before the daemon kills it.
inline constexpr std::chrono::hours kUploadAllowance{1};

/// A job as its supervision sees it, whatever its kind.
struct SupervisedJob {
  std::string account;
  std::string workload;  ///< core/contract/workload.h
  std::string name;      ///< as given
  JobState state;
  RestartRules rules;
  std::int64_t max_runtime_seconds = 0;
};

/// What is left of the job's time, over all attempts without the times after interruptions; at
/// least 1.
std::int64_t seconds_left(const SupervisedJob& job, Time now);

/// What a host's supervisor gets besides what its job says.
struct TicketGrant {
  std::string host;        ///< one of the job's
  std::string log_stream;  ///< exists
  /// Tells the addresses of this job's hosts from those of others (fleet::Fleet::lease_number()).
  std::int64_t lease_number = 0;
  std::optional<aws::Credentials> keys;  ///< for the program
  std::string endpoint;                  ///< where it reaches the daemon
  Time now{};
};

/// Jobs of one kind, as their supervision asks for them.
class SupervisedJobs {
 public:
  virtual ~SupervisedJobs() = default;

  /// nullopt when there is no such job.
  virtual std::optional<SupervisedJob> find(records::Connection& connection,
                                            const std::string& account,
                                            const std::string& workload) const = 0;
  virtual void record_metrics(records::Connection& transaction, const SupervisedJob& job,
                              const std::string& host,
                              const std::vector<wire::control::MetricPoint>& points,
                              Time at) const = 0;
  /// The orders of a host's supervisor.
  virtual wire::control::JobTicket ticket(const SupervisedJob& job,
                                          const TicketGrant& grant) const = 0;
};

/// What tells one kind of jobs from another.
struct SupervisedKind {
  records::JobKind table;
  const char* noun;                                     ///< "training job"
  const char* log_group;                                ///< of its programs' output
  std::string (*workload_of)(const std::string& name);  ///< what the fleet calls a job
};

/// For a job that is not there: ValidationException where one would expect ResourceNotFound, on
/// which waiters rely as the SDK does on the text.
[[noreturn]] void refuse_unknown_job();

/// What happens to jobs of one kind between their acceptance and their end: the operations of their
/// supervisors, what the fleet tells of them, and what their users ask for, over the state machine
/// of job_state.h. All methods may be called from any thread.
class Supervision {
 public:
  /// All must outlive this.
  Supervision(records::Database& database, fleet::Fleet& fleet, const SupervisedJobs& jobs,
              const SupervisedKind& kind)
      : database_(database), fleet_(fleet), jobs_(jobs), kind_(kind) {}

  /// Where programs reach the daemon; before that no supervisor gets a ticket.
  void set_endpoint(const std::string& endpoint);
  /// For Fleet::start(). This must outlive the fleet's thread.
  fleet::Fleet::Handlers handlers();

  /// Applies events in order and writes the job if they changed anything.
  void advance(records::Connection& transaction, SupervisedJob& job,
               const std::vector<JobEvent>& events, Time at) const;
  /// Throws Error(Customer) when there is no such job, or it has ended.
  void stop(const std::string& account, const std::string& workload);
  /// Asks every unfinished job to stop, for a daemon that is to leave nothing running; returns how
  /// many there are.
  std::int64_t stop_all();
  [[nodiscard]] std::int64_t unfinished() const;
  /// Gives the supervisors of a job until their grace is over, and time to upload.
  static void set_deadline(records::Connection& transaction, const SupervisedJob& job, Time at,
                           std::int64_t grace_seconds);
  [[noreturn]] void refuse_ending(const SupervisedJob& job) const;

  /// Only for the job's own supervisor, as report().
  wire::control::GetJobTicketResponse get_ticket(const wire::control::GetJobTicketRequest& request,
                                                 const aws::Caller& caller);
  wire::control::ReportJobResponse report(const wire::control::ReportJobRequest& request,
                                          const aws::Caller& caller);

  /// What handlers() has the fleet call.
  fleet::AfterEnd supervisor_ended(records::Connection& transaction,
                                   const fleet::SupervisorEnd& end) const;
  void wait_exceeded(records::Connection& transaction, const fleet::Expiry& expiry) const;

 private:
  [[nodiscard]] SupervisedJob look(records::Connection& connection, const std::string& account,
                                   const std::string& workload) const;
  bool update_deadline(records::Connection& transaction, const SupervisedJob& job, bool wanted_stop,
                       bool program_started, Time at) const;

  records::Database& database_;
  fleet::Fleet& fleet_;
  const SupervisedJobs& jobs_;
  const SupervisedKind kind_;
  Guarded<std::optional<std::string>> endpoint_;  ///< nullopt until set_endpoint()
};

/// Answers the supervisors of all kinds of jobs.
class SupervisorDesk {
 public:
  /// Both must outlive this.
  SupervisorDesk(Supervision& training, Supervision& processing)
      : training_(training), processing_(processing) {}

  wire::control::GetJobTicketResponse get_ticket(const wire::control::GetJobTicketRequest& request,
                                                 const aws::Caller& caller) {
    return of(request.job_name).get_ticket(request, caller);
  }
  wire::control::ReportJobResponse report(const wire::control::ReportJobRequest& request,
                                          const aws::Caller& caller) {
    return of(request.job_name).report(request, caller);
  }

 private:
  Supervision& of(const std::string& workload);

  Supervision& training_;
  Supervision& processing_;
};

}  // namespace millrace::jobs
