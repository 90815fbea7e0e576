#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/file_systems.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/fleet.h"
#include "platform/jobs/job_record.h"
#include "platform/jobs/object_lookup.h"
#include "platform/jobs/request_problem.h"
#include "platform/jobs/residency.h"
#include "platform/jobs/supervision.h"
#include "platform/records/database.h"

namespace millrace::jobs {

/// Training jobs: the operations of SageMaker; their supervision is that of every job.
///
/// A job is a row before it is a process: create() answers once the row and its place in the queue
/// are on disk. Names are unique in an account without regard to case, whatever the region; the
/// region a client signs for goes into ARNs.
///
/// Any role may be named: no policy is evaluated here, the role only gives the job's keys their
/// identity.
class TrainingJobs final : private SupervisedJobs {
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
  ~TrainingJobs() override;
  TrainingJobs(const TrainingJobs&) = delete;
  TrainingJobs& operator=(const TrainingJobs&) = delete;

  /// Of these jobs: its set_endpoint() is to be called before the fleet starts, and that as soon as
  /// requests are answered: supervisors ask for their tickets at once.
  [[nodiscard]] Supervision& supervision() { return supervision_; }

  wire::sagemaker::CreateTrainingJobResponse create(
      const wire::sagemaker::CreateTrainingJobRequest& request, const aws::Caller& caller);
  /// Everything that create() would refuse a request for, which has passed the model's constraints,
  /// as far as one mistake does not hide another; makes nothing.
  std::vector<RequestProblem> problems(const wire::sagemaker::CreateTrainingJobRequest& request,
                                       const aws::Caller& caller);
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

 private:
  /// What runs the program of a job; both null for one that the operator registered.
  struct Choice {
    const catalog::AlgorithmDescription* algorithm = nullptr;
    const catalog::Framework* framework = nullptr;
  };
  /// Calls one check and says whether it held.
  using RunCheck = std::function<bool(const std::function<void()>& check)>;
  /// Everything that is checked before a job is accepted, each by `run`.
  Choice check_all(const wire::sagemaker::CreateTrainingJobRequest& request,
                   const aws::Caller& caller, const RunCheck& run);
  std::optional<SupervisedJob> find(records::Connection& connection, const std::string& account,
                                    const std::string& workload) const override;
  void record_metrics(records::Connection& transaction, const SupervisedJob& job,
                      const std::string& host,
                      const std::vector<wire::control::MetricPoint>& points,
                      Time at) const override;
  wire::control::JobTicket ticket(const SupervisedJob& supervised,
                                  const TicketGrant& grant) const override;

  records::Database& database_;
  fleet::Fleet& fleet_;
  const catalog::Algorithms& algorithms_;
  const catalog::FileSystems& file_systems_;
  const catalog::Programs& programs_;
  const ObjectLookup objects_;
  Supervision supervision_;
};

}  // namespace millrace::jobs
