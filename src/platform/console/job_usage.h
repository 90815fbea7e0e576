#pragma once

#include <optional>
#include <string>

#include "platform/aws/bucket_names.h"
#include "platform/console/call.h"
#include "platform/console/source_counts.h"
#include "platform/jobs/job_record.h"
#include "platform/records/database.h"

namespace millrace::console {

/// What a training job takes: of its data, channel by channel, where that lies and what its
/// supervisors say has been delivered; and of the machine, as series of its instances.
class JobUsage {
 public:
  /// `database` must outlive this. `access_points` may be empty.
  JobUsage(records::Database& database, Permit permit, Allows allows,
           aws::FindAccessPoint access_points)
      : database_(database),
        permit_(std::move(permit)),
        allows_(std::move(allows)),
        access_points_(std::move(access_points)),
        counts_(database) {}

  /// GET /mr/training-jobs/{}/usage
  http::Response usage(Call& call);

 private:
  std::optional<std::string> listable(const aws::Caller& caller, const std::string& bucket) const;
  Json s3_json(const Call& call, const jobs::JobRecord& job,
               const wire::sagemaker::S3DataSource& source);
  Json source_json(const Call& call, const jobs::JobRecord& job,
                   const wire::sagemaker::DataSource& source);

  records::Database& database_;
  const Permit permit_;
  const Allows allows_;
  const aws::FindAccessPoint access_points_;
  SourceCounts counts_;
};

}  // namespace millrace::console
