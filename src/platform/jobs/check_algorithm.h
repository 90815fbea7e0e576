#pragma once

#include "generated/aws/sagemaker/types.h"
#include "platform/catalog/algorithms.h"

namespace millrace::jobs {

/// Refuses what a built-in algorithm would not train on: hyperparameters and channels, all mistakes
/// in one ProblemsError, and members that it has no use for. The request
/// must have passed check_request.
void check_against(const catalog::AlgorithmDescription& algorithm,
                   const wire::sagemaker::CreateTrainingJobRequest& request);

}  // namespace millrace::jobs
