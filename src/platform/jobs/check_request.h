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

/// Input mode of a channel: its own, else the job's.
std::string effective_mode(const wire::sagemaker::Channel& channel,
                           const wire::sagemaker::CreateTrainingJobRequest& request);

/// "s3://bucket/some/key": bucket and key; the key may be empty. Throws Error(Customer,
/// ValidationException) for another form, naming `where`.
struct S3Location {
  std::string bucket;
  std::string key;
};
S3Location parse_s3_uri(const std::string& uri, const std::string& where);

}  // namespace millrace::jobs
