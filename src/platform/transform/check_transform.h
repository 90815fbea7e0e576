#pragma once

#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/jobs/object_lookup.h"

namespace millrace::transform {

/// The rules for a CreateTransformJob request that concern several members, or members that this
/// installation does not serve. Length, range, pattern and enumeration of single members have been
/// checked before. Throws Error(Customer): ValidationException for the first rule that is broken,
/// ResourceLimitExceeded for too many instances. What is not supported is refused by name; the list
/// is docs/reference/differences.md's.
void check_transform(const wire::sagemaker::CreateTransformJobRequest& request);

/// Looks at what a request that check_transform() has passed names: objects below the prefix, or
/// the manifest, and the output's bucket. `role` and `region` are for the message. Throws
/// Error(Customer, ValidationException) for what is not there.
void check_places(const wire::sagemaker::CreateTransformJobRequest& request,
                  const jobs::ObjectLookup& objects, const std::string& role,
                  const std::string& region);

/// Fills in what the service writes down when it accepts a job. The tags are taken out: they are
/// kept with their resource.
wire::sagemaker::CreateTransformJobRequest with_defaults(
    wire::sagemaker::CreateTransformJobRequest request);

/// Whether records or answers are filtered or joined. Only of with_defaults().
bool processes(const wire::sagemaker::CreateTransformJobRequest& request);

}  // namespace millrace::transform
