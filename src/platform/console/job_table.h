#pragma once

#include "platform/catalog/algorithms.h"
#include "platform/console/call.h"
#include "platform/jobs/job_record.h"
#include "platform/records/database.h"

namespace millrace::console {

/// The table of training jobs, page by page: filtered and sorted in the database.
class JobTable {
 public:
  /// All must outlive this.
  JobTable(records::Database& database, const catalog::Algorithms& algorithms, Permit permit)
      : database_(database), algorithms_(algorithms), permit_(std::move(permit)) {}

  /// GET /mr/training-jobs
  http::Response page(Call& call);

 private:
  records::Database& database_;
  const catalog::Algorithms& algorithms_;
  const Permit permit_;
};

/// A job as the table and the event stream show it: status and times, what it trains with, what it
/// has reached, why it failed.
Json job_summary(const jobs::JobRecord& job, const catalog::Algorithms& algorithms);

}  // namespace millrace::console
