#pragma once

#include "platform/aws/validate.h"
#include "platform/console/call.h"
#include "platform/jobs/training_jobs.h"

namespace millrace::console {

/// What CreateTrainingJob would say to a request, without making anything.
class JobCheck {
 public:
  /// All must outlive this.
  JobCheck(jobs::TrainingJobs& jobs, Permit permit);

  /// POST /mr/training-jobs/check: {"Problems": [{"Field", "Message"}]}
  http::Response check(Call& call);

 private:
  jobs::TrainingJobs& jobs_;
  const Permit permit_;
  aws::Validator validator_;
};

}  // namespace millrace::console
