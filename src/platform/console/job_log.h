#pragma once

#include "platform/console/call.h"
#include "platform/records/database.h"

namespace millrace::console {

/// A training job's log by line numbers, which count from 0 in the order of arrival and never
/// change. Each host of a job has a log of its own; the first one's is meant unless ?stream= names
/// another.
class JobLog {
 public:
  /// `database` must outlive this.
  JobLog(records::Database& database, Permit permit)
      : database_(database), permit_(std::move(permit)) {}

  /// GET /mr/training-jobs/{}/log?from=&limit=
  http::Response page(Call& call);
  /// GET /mr/training-jobs/{}/log/search?q=&from=
  http::Response search(Call& call);
  /// GET /mr/training-jobs/{}/log/download
  http::Response download(Call& call);

 private:
  records::Database& database_;
  const Permit permit_;
};

}  // namespace millrace::console
