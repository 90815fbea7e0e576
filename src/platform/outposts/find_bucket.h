#pragma once

#include "platform/aws/caller.h"
#include "platform/outposts/resource_names.h"
#include "platform/records/outposts.h"

namespace millrace::outposts {

/// The caller's bucket of that name. Throws Error(Customer): NoSuchOutpost, NoSuchBucket.
records::OutpostBucketRow find_bucket(records::Connection& connection, const ResourceName& name,
                                      const aws::Caller& caller);

/// Throws Error(Customer, NoSuchOutpost) unless the Outpost is this installation's.
void require_outpost(records::Connection& connection, const std::string& outpost);

}  // namespace millrace::outposts
