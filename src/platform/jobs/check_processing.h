#pragma once

#include "generated/aws/sagemaker/types.h"
#include "platform/jobs/object_lookup.h"

namespace millrace::jobs {

/// The rules for CreateProcessingJob that concern several members, or members that this
/// installation does not serve. Throws Error(Customer, ValidationException), or
/// ResourceLimitExceeded for too many instances.
void check_processing(const wire::sagemaker::CreateProcessingJobRequest& request);

/// Looks at what a request that check_processing() has passed names: objects below every input's
/// prefix, manifests, and the buckets of the outputs. Throws Error(Customer, ValidationException)
/// for the first thing that is not there.
void check_processing_places(const wire::sagemaker::CreateProcessingJobRequest& request,
                             const ObjectLookup& objects, const aws::Caller& caller);

/// The request with everything filled in that it may leave out; without its tags.
wire::sagemaker::CreateProcessingJobRequest with_processing_defaults(
    wire::sagemaker::CreateProcessingJobRequest request);

}  // namespace millrace::jobs
