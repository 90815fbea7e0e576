#pragma once

#include "generated/aws/metrics/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::jobs {

/// Metrics that programs write by themselves, of the service sagemaker-metrics. The trial
/// components here are those that every training job has, "<job>-aws-training-job": their metrics
/// are the job's.
class TrialMetrics {
 public:
  /// `database` must outlive this.
  explicit TrialMetrics(records::Database& database) : database_(database) {}

  /// Takes all points or none. Throws Error(Customer): ValidationException for a component that no
  /// job has and for values that are not finite; AccessDeniedException for the keys of another job.
  wire::metrics::BatchPutMetricsResponse put(const wire::metrics::BatchPutMetricsRequest& request,
                                             const aws::Caller& caller);

 private:
  records::Database& database_;
};

}  // namespace millrace::jobs
