#pragma once

#include "platform/console/call.h"
#include "platform/records/database.h"

namespace millrace::console {

/// What a training job takes: of its data, channel by channel, where that lies and what its
/// supervisors say has been delivered; and of the machine, as series of its instances.
class JobUsage {
 public:
  /// `database` must outlive this.
  JobUsage(records::Database& database, Permit permit)
      : database_(database), permit_(std::move(permit)) {}

  /// GET /mr/training-jobs/{}/usage
  http::Response usage(Call& call);

 private:
  records::Database& database_;
  const Permit permit_;
};

}  // namespace millrace::console
