#pragma once

#include <string>
#include <vector>

#include "core/base/time.h"
#include "generated/aws/cloudwatch/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"
#include "platform/records/metrics.h"

namespace millrace::metrics {

inline constexpr const char* kTrainingNamespace = "/aws/sagemaker/TrainingJobs";
inline constexpr const char* kProcessingNamespace = "/aws/sagemaker/ProcessingJobs";
/// Of figures that no unit was given for.
inline constexpr const char* kNoUnit = "None";

/// The metric that a figure of a training job is: dimension TrainingJobName, as published.
records::MetricKey training_metric(const std::string& account, const std::string& job,
                                   const std::string& name);
/// The metric that a figure of one of its instances is: dimension Host, "<job>/algo-1".
records::MetricKey instance_metric(const std::string& account, const std::string& job,
                                   const std::string& host, const std::string& name,
                                   const char* name_space = kTrainingNamespace);
/// What requests to a variant of an endpoint meet, and what its instances take, are under these.
inline constexpr const char* kInvocationNamespace = "AWS/SageMaker";
inline constexpr const char* kEndpointNamespace = "/aws/sagemaker/Endpoints";
/// A metric of a variant: dimensions EndpointName and VariantName, as published.
records::MetricKey variant_metric(const std::string& account, const char* name_space,
                                  const std::string& endpoint, const std::string& variant,
                                  const std::string& name, const std::string& unit);

/// The operations of CloudWatch metrics that SageMaker's clients and dashboards call.
///
/// Every point is kept as it came, so periods of any length can be asked for at any age; only the
/// largest number of periods of one answer is limited, as published. Percentiles are those of
/// samples that came one by one, or in buckets from the daemon itself; math expressions and other
/// accounts' metrics are refused by name.
///
/// The keys of jobs may write to any namespace but AWS's own, and read all.
class Metrics {
 public:
  /// `database` must outlive this.
  explicit Metrics(records::Database& database) : database_(database) {}

  wire::Empty put_data(const wire::cloudwatch::PutMetricDataInput& request,
                       const aws::Caller& caller);
  wire::cloudwatch::GetMetricStatisticsOutput get_statistics(
      const wire::cloudwatch::GetMetricStatisticsInput& request, const aws::Caller& caller);
  wire::cloudwatch::GetMetricDataOutput get_data(
      const wire::cloudwatch::GetMetricDataInput& request, const aws::Caller& caller);
  wire::cloudwatch::ListMetricsOutput list(const wire::cloudwatch::ListMetricsInput& request,
                                           const aws::Caller& caller);

 private:
  records::Database& database_;
};

}  // namespace millrace::metrics
