#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/programs.h"
#include "platform/fleet/fleet.h"
#include "platform/jobs/object_lookup.h"
#include "platform/jobs/residency.h"
#include "platform/jobs/supervision.h"
#include "platform/records/database.h"

namespace millrace::jobs {

/// Processing jobs: a program with inputs and outputs at places of its own below
/// /opt/ml/processing, and no model. Accepted, queued and supervised as training jobs are, as the
/// workload processing.<name>.
class ProcessingJobs final : private SupervisedJobs {
 public:
  /// All references must outlive this.
  ProcessingJobs(records::Database& database, fleet::Fleet& fleet,
                 const catalog::Programs& programs, ObjectLookup objects);
  /// Stops the fleet, which calls back into this.
  ~ProcessingJobs() override;
  ProcessingJobs(const ProcessingJobs&) = delete;
  ProcessingJobs& operator=(const ProcessingJobs&) = delete;

  [[nodiscard]] Supervision& supervision() { return supervision_; }

  wire::sagemaker::CreateProcessingJobResponse create(
      const wire::sagemaker::CreateProcessingJobRequest& request, const aws::Caller& caller);
  wire::sagemaker::DescribeProcessingJobResponse describe(
      const wire::sagemaker::DescribeProcessingJobRequest& request, const aws::Caller& caller);
  wire::sagemaker::ListProcessingJobsResponse list(
      const wire::sagemaker::ListProcessingJobsRequest& request, const aws::Caller& caller);
  wire::Empty stop(const wire::sagemaker::StopProcessingJobRequest& request,
                   const aws::Caller& caller);

  /// The job's ARN; nullopt when there is no such job.
  static std::optional<std::string> arn_of(records::Connection& connection,
                                           const std::string& account, const std::string& name);
  /// As Residency::Find, whose name is the workload.
  static std::optional<ResidencySubject> residency_of(records::Connection& connection,
                                                      const std::string& account,
                                                      const std::string& workload);

 private:
  std::optional<SupervisedJob> find(records::Connection& connection, const std::string& account,
                                    const std::string& workload) const override;
  void record_metrics(records::Connection& transaction, const SupervisedJob& job,
                      const std::string& host,
                      const std::vector<wire::control::MetricPoint>& points,
                      Time at) const override;
  wire::control::JobTicket ticket(const SupervisedJob& supervised,
                                  const TicketGrant& grant) const override;
  void check_image(const wire::sagemaker::AppSpecification& app) const;

  records::Database& database_;
  fleet::Fleet& fleet_;
  const catalog::Programs& programs_;
  const ObjectLookup objects_;
  Supervision supervision_;
};

}  // namespace millrace::jobs
