#pragma once

#include <chrono>
#include <string>

#include "generated/aws/s3outposts/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"
#include "platform/records/outposts.h"

namespace millrace::outposts {

/// How long an endpoint stays Pending, and then one that is being deleted Deleting. Nothing is set
/// up or torn down in that time; scripts that wait for a state see each of them.
inline constexpr std::chrono::seconds kSettling{1};

/// What an endpoint's Status is at a time; empty once it is gone.
std::string endpoint_status(const records::OutpostEndpointRow& row, Time at);

/// Endpoints of S3 on Outposts: a note that a subnet reaches the buckets of an Outpost. Requests
/// come through the daemon's own address whether there is one or not.
class Endpoints {
 public:
  /// `database` must outlive this.
  explicit Endpoints(records::Database& database) : database_(database) {}

  /// Throws Error(Customer): ValidationException for a pool that the access type does not go with
  /// and for a subnet that is not the Outpost's, ConflictException for a second endpoint of a VPC,
  /// ResourceNotFoundException for an unknown Outpost.
  wire::s3outposts::CreateEndpointResult create(
      const wire::s3outposts::CreateEndpointRequest& request, const aws::Caller& caller);
  wire::s3outposts::ListEndpointsResult list(const wire::s3outposts::ListEndpointsRequest& request,
                                             const aws::Caller& caller);
  /// Those of one Outpost.
  wire::s3outposts::ListSharedEndpointsResult list_shared(
      const wire::s3outposts::ListSharedEndpointsRequest& request, const aws::Caller& caller);
  /// Refused (ConflictException) while access points are reached through it alone.
  wire::Empty remove(const wire::s3outposts::DeleteEndpointRequest& request,
                     const aws::Caller& caller);

 private:
  records::Database& database_;
};

}  // namespace millrace::outposts
