#pragma once

#include <optional>
#include <string>

#include "platform/console/call.h"
#include "platform/console/metric_series.h"
#include "platform/records/database.h"

namespace millrace::console {

/// The series of a training job: what its program reported and what its instances took of the
/// machine, as charts need them.
class JobMetrics {
 public:
  /// All must outlive this.
  JobMetrics(records::Database& database, MetricSeries& series, Permit permit)
      : database_(database), series_(series), permit_(std::move(permit)) {}

  /// GET /mr/training-jobs/{}/metrics
  http::Response list(Call& call);
  /// GET /mr/series/{}/tile
  http::Response tile(Call& call);

 private:
  records::Database& database_;
  MetricSeries& series_;
  const Permit permit_;
};

/// Rows of a job's series, those of its program first.
std::vector<records::MetricRow> series_of(records::Connection& connection,
                                          const std::string& account, const std::string& job);
/// "algo-1" for a series of one of the job's instances; nullopt for one of its program.
std::optional<std::string> host_of(const records::MetricRow& metric);

/// The name of a job as it was given. Throws Error(Customer) where the account has no such job.
std::string require_job(records::Database& database, const std::string& account,
                        const std::string& name);

}  // namespace millrace::console
