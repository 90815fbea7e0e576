#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/base/guarded.h"
#include "generated/aws/control/types.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/file_systems.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/fleet.h"
#include "platform/jobs/job_record.h"
#include "platform/jobs/object_lookup.h"
#include "platform/jobs/residency.h"
#include "platform/records/database.h"

namespace millrace::jobs {

/// SIGTERM to SIGKILL, as published.
inline constexpr std::int64_t kGracePeriodSeconds = 120;
/// How long after its program had to end a supervisor may still upload before the daemon kills it.
inline constexpr std::chrono::hours kUploadAllowance{1};

/// Training jobs: the operations of SageMaker and of their supervisors, over the state machine of
/// job_state.h.
///
/// A job is a row before it is a process: create() answers once the row and its place in the queue
/// are on disk. Names are unique in an account without regard to case, whatever the region; the
/// region a client signs for goes into ARNs.
///
/// Any role may be named: no policy is evaluated here, the role only gives the job's keys their
/// identity.
class TrainingJobs {
 public:
  /// What requests may name.
  struct Catalog {
    const catalog::Algorithms& algorithms;
    const catalog::FileSystems& file_systems;
    const catalog::Programs& programs;
  };

  /// All references must outlive this.
  TrainingJobs(records::Database& database, fleet::Fleet& fleet, const Catalog& catalog,
               ObjectLookup objects);
  /// Stops the fleet, which calls back into this.
  ~TrainingJobs();
  TrainingJobs(const TrainingJobs&) = delete;
  TrainingJobs& operator=(const TrainingJobs&) = delete;

  /// Where programs reach the daemon, "http://127.0.0.1:9000"; jobs with network isolation do not
  /// get it. To be called before the fleet starts, and that as soon as requests are answered:
  /// supervisors ask for their tickets at once.
  void set_endpoint(const std::string& endpoint);
  /// For Fleet::start(). This must outlive the fleet's thread.
  fleet::Fleet::Handlers handlers();

  wire::sagemaker::CreateTrainingJobResponse create(
      const wire::sagemaker::CreateTrainingJobRequest& request, const aws::Caller& caller);
  wire::sagemaker::DescribeTrainingJobResponse describe(
      const wire::sagemaker::DescribeTrainingJobRequest& request, const aws::Caller& caller);
  wire::sagemaker::ListTrainingJobsResponse list(
      const wire::sagemaker::ListTrainingJobsRequest& request, const aws::Caller& caller);
  wire::Empty stop(const wire::sagemaker::StopTrainingJobRequest& request,
                   const aws::Caller& caller);

  /// The job's ARN; nullopt when there is no such job.
  static std::optional<std::string> arn_of(records::Connection& connection,
                                           const std::string& account, const std::string& name);

  /// As Residency::Find.
  static std::optional<ResidencySubject> residency_of(records::Connection& connection,
                                                      const std::string& account,
                                                      const std::string& name);

  /// Takes the instances of a managed spot job away, which then waits for others. Throws
  /// Error(Customer) when the job is none, is ending, or has no instances.
  wire::control::InterruptJobResponse interrupt(const wire::control::InterruptJobRequest& request,
                                                const aws::Caller& caller);

  /// Only for the job's own supervisor, as report().
  wire::control::GetJobTicketResponse get_ticket(const wire::control::GetJobTicketRequest& request,
                                                 const aws::Caller& caller);
  wire::control::ReportJobResponse report(const wire::control::ReportJobRequest& request,
                                          const aws::Caller& caller);

  /// What handlers() has the fleet call.
  fleet::AfterEnd supervisor_ended(records::Connection& transaction,
                                   const fleet::SupervisorEnd& end);
  /// As supervisor_ended().
  static void wait_exceeded(records::Connection& transaction, const fleet::Expiry& expiry);
  /// Asks every unfinished job to stop, for a daemon that is to leave nothing running; returns how
  /// many there are.
  std::int64_t stop_all();
  [[nodiscard]] std::int64_t unfinished() const;

 private:
  records::Database& database_;
  fleet::Fleet& fleet_;
  const catalog::Algorithms& algorithms_;
  const catalog::FileSystems& file_systems_;
  const catalog::Programs& programs_;
  const ObjectLookup objects_;
  Guarded<std::optional<std::string>> endpoint_;  ///< nullopt until set_endpoint()
};

}  // namespace millrace::jobs
