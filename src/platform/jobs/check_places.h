#pragma once

#include <string>

#include "platform/aws/caller.h"
#include "platform/jobs/object_lookup.h"

namespace millrace::jobs {

/// Objects that a job is to read.
struct NamedObjects {
  std::string where;      ///< the request's member, for messages
  std::string uri;        ///< s3://bucket/key
  std::string data_type;  ///< S3Prefix, ManifestFile or AugmentedManifestFile
  std::string role_arn;   ///< the job's
};

/// Throws Error(Customer, ValidationException) where there is no object below a prefix, no manifest,
/// or one that does not begin like one. The manifest's entries are left to the runner.
void check_objects(const NamedObjects& named, const ObjectLookup& objects,
                   const aws::Caller& caller);

/// That there is nothing to read, in the public service's words. `role` is the request's.
[[noreturn]] void refuse_no_objects(const std::string& uri, const std::string& bucket,
                                    const std::string& role, const std::string& region);

/// Throws Error(Customer, ValidationException) naming `where` when the URI's bucket does not exist.
void check_bucket(const std::string& uri, const std::string& where, const ObjectLookup& objects);

}  // namespace millrace::jobs
