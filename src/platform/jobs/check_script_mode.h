#pragma once

#include "generated/aws/sagemaker/types.h"
#include "platform/catalog/framework_images.h"

namespace millrace::jobs {

/// What a job on a framework image asks of the toolkit that it does not do here: no script named,
/// or a way of distributing it that is not served. Throws Error(Customer, ValidationException). A
/// request with an entry point of its own does not run the toolkit, so all of that is its affair.
void check_script_mode(const catalog::Framework& framework,
                       const wire::sagemaker::CreateTrainingJobRequest& request);

}  // namespace millrace::jobs
