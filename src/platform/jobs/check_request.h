#pragma once

#include "generated/aws/sagemaker/types.h"

namespace millrace::jobs {

/// The rules for a CreateTrainingJob request that concern several members, or members that this
/// installation does not serve: everything that can be said without looking at names, images or
/// data. Length, range, pattern and enumeration of single members have been checked before.
///
/// Each broken rule is its own Error(Customer, ValidationException), the first one found. What is
/// not supported is refused by name here and nowhere else; the list is
/// docs/reference/differences.md's.
void check_request(const wire::sagemaker::CreateTrainingJobRequest& request);

/// Fills in what the service writes down when it accepts a job and what DescribeTrainingJob
/// therefore shows, whatever the algorithm. The tags are taken out: they are kept with their
/// resource.
wire::sagemaker::CreateTrainingJobRequest with_defaults(
    wire::sagemaker::CreateTrainingJobRequest request);

}  // namespace millrace::jobs
