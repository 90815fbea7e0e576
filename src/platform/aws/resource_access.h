#pragma once

#include <string>
#include <vector>

#include "core/json/json.h"
#include "platform/aws/bucket_names.h"
#include "platform/aws/caller.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// What a request wants to do to what, in the words of IAM policies.
struct ResourceAccess {
  std::string action;    ///< "s3:GetObject"
  std::string resource;  ///< "arn:aws:s3:::bucket/key"; "*" where an action has no one resource

  friend bool operator==(const ResourceAccess&, const ResourceAccess&) = default;
};

/// Everything that a valid request needs to be allowed, as IAM's service authorization reference
/// has it: several for a copy (its source too), for a deletion of many objects and for a job that
/// reads file systems; none for GetCallerIdentity, which nobody can be denied. What is asked of a
/// bucket through an access point must be allowed by both names. Throws Error(Customer) where a
/// request names its resource in a form that cannot be read.
std::vector<ResourceAccess> accesses_of(const Service& service, const Operation& operation,
                                        const Json& document, const Caller& caller,
                                        const BucketNames& buckets);

}  // namespace millrace::aws
