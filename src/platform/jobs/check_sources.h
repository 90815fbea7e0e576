#pragma once

#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/catalog/file_systems.h"
#include "platform/jobs/object_lookup.h"

namespace millrace::jobs {

/// Where the data of a job is looked for.
struct SourcePlaces {
  const ObjectLookup& objects;
  const catalog::FileSystems& file_systems;
  const aws::Caller& caller;
};

/// Looks at what a request that check_request() has passed names: objects below every prefix, whole
/// folders for FastFile, manifests that begin like one, directories of registered file systems of
/// the right type, and the buckets of output and checkpoints. The manifests' entries are left to
/// the runner. Throws Error(Customer, ValidationException) for the first thing that is not there.
void check_sources(const wire::sagemaker::CreateTrainingJobRequest& request,
                   const SourcePlaces& places);

/// That there is nothing to read, in the public service's words. `role` is the request's.
[[noreturn]] void refuse_no_objects(const std::string& uri, const std::string& bucket,
                                    const std::string& role, const std::string& region);

/// Refuses an output whose bucket is not there; `where` names the request's member.
void check_bucket(const std::string& uri, const std::string& where, const ObjectLookup& objects);

}  // namespace millrace::jobs
