#pragma once

#include "platform/catalog/algorithms.h"
#include "platform/catalog/instance_types.h"
#include "platform/console/console.h"
#include "platform/console/event_streams.h"
#include "platform/console/job_check.h"
#include "platform/console/job_log.h"
#include "platform/console/job_metrics.h"
#include "platform/console/job_table.h"
#include "platform/console/job_usage.h"
#include "platform/console/metric_series.h"
#include "platform/jobs/training_jobs.h"
#include "platform/records/database.h"

namespace millrace::console {

/// What the extras look at.
struct ExtraSources {
  records::Database& database;
  const catalog::Algorithms& algorithms;
  jobs::TrainingJobs& training_jobs;
  catalog::Resources machine;
};

/// The console's paths beyond sessions and AWS calls: its table of contents.
class Extras {
 public:
  /// Adds them to `console`, before the first request. Everything must outlive this, and this the
  /// requests.
  Extras(Console& console, const ExtraSources& sources);
  Extras(const Extras&) = delete;
  Extras& operator=(const Extras&) = delete;

 private:
  MetricSeries series_;
  JobMetrics metrics_;
  JobLog log_;
  JobTable table_;
  JobCheck check_;
  JobUsage usage_;
  EventStreams events_;
};

}  // namespace millrace::console
