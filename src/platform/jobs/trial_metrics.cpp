#include "platform/jobs/trial_metrics.h"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "platform/aws/access.h"
#include "platform/aws/refuse.h"
#include "platform/metrics/metrics.h"
#include "platform/records/metrics.h"
#include "platform/records/jobs.h"

namespace millrace::jobs {
namespace {

constexpr std::string_view kOfJob = "-aws-training-job";

/// The job whose component it is, as it is spelled; throws where there is none.
std::string job_of(records::Connection& connection, const std::string& component,
                   const std::string& account) {
  if (component.ends_with(kOfJob)) {
    const auto job = records::JobTable(connection, records::JobKind::Training)
                         .find(account, component.substr(0, component.size() - kOfJob.size()));
    if (job) return job->summary.name;
  }
  aws::refuse({.where = "TrialComponentName",
               .given = component,
               .expected = "the component of a training job, <job>-aws-training-job",
               .fix = "Components made by CreateTrialComponent are not kept here."});
}

}  // namespace

wire::metrics::BatchPutMetricsResponse TrialMetrics::put(
    const wire::metrics::BatchPutMetricsRequest& request, const aws::Caller& caller) {
  std::map<std::string, std::vector<records::MetricPoint>> series;
  for (std::size_t i = 0; i < request.metric_data.size(); ++i) {
    const wire::metrics::RawMetricData& point = request.metric_data[i];
    if (!std::isfinite(point.value)) {
      aws::refuse(
          {.where = "MetricData[" + std::to_string(i) + "].Value of '" + point.metric_name + "'",
           .given = std::to_string(point.value),
           .expected = "a finite number",
           .fix = "Leave such points out."});
    }
    series[point.metric_name].push_back(
        records::MetricPoint::of(to_millis(point.timestamp), point.value));
  }
  database_.write([&](records::Connection& connection) {
    const std::string job = job_of(connection, request.trial_component_name, caller.account);
    aws::require_same_job(caller, job, "sagemaker:BatchPutMetrics");
    records::MetricTable table(connection);
    for (const auto& [name, points] : series)
      table.append(metrics::training_metric(caller.account, job, name), points, now());
  });
  return {};
}

}  // namespace millrace::jobs
