#pragma once

#include <filesystem>

#include "platform/aws/bucket_names.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/instance_types.h"
#include "platform/console/console.h"
#include "platform/console/event_streams.h"
#include "platform/console/job_check.h"
#include "platform/console/job_log.h"
#include "platform/console/job_metrics.h"
#include "platform/console/job_table.h"
#include "platform/console/job_usage.h"
#include "platform/console/lists/draft_api.h"
#include "platform/console/lists/impact.h"
#include "platform/console/lists/list_api.h"
#include "platform/console/lists/list_contents.h"
#include "platform/console/lists/proposal_api.h"
#include "platform/console/lists/row_pages.h"
#include "platform/console/metric_series.h"
#include "platform/console/preview/atlas_api.h"
#include "platform/console/preview/preview.h"
#include "platform/console/preview/user_files.h"
#include "platform/console/search.h"
#include "platform/jobs/training_jobs.h"
#include "platform/records/database.h"

namespace millrace::console {

/// What the extras look at.
struct ExtraSources {
  records::Database& database;
  const catalog::Algorithms& algorithms;
  jobs::TrainingJobs& training_jobs;
  catalog::Resources machine;
  const aws::Dispatch& dispatch;
  const catalog::FileSystems& file_systems;
  aws::FindAccessPoint access_points;
  std::filesystem::path lists;  ///< directory for the bytes of lists' versions
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
  void add_lists(Routes& routes);

  MetricSeries series_;
  JobMetrics metrics_;
  JobLog log_;
  JobTable table_;
  JobCheck check_;
  JobUsage usage_;
  EventStreams events_;
  UserFiles files_;
  Preview preview_;
  ListContents contents_;
  ListVersions versions_;
  RowPages pages_;
  ListApi lists_;
  DraftApi drafts_;
  ProposalApi proposals_;
  Impact impact_;
  AtlasApi atlas_;
  Search search_;
};

}  // namespace millrace::console
