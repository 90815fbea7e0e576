#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "generated/aws/s3control/types.h"
#include "platform/aws/bucket_names.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::outposts {

/// Access points of buckets on Outposts: names under which S3 requests reach a bucket's objects.
class AccessPoints {
 public:
  /// `database` must outlive this.
  explicit AccessPoints(records::Database& database) : database_(database) {}

  /// The access point of that alias or ARN, for requests to S3. Many threads at once.
  [[nodiscard]] std::optional<aws::AccessPointTarget> find(std::string_view alias_or_arn) const;

  /// Throws Error(Customer): InvalidRequest without a VPC, for public access, for a name that is
  /// none and for a bucket on no Outpost; NoSuchBucket; AccessPointAlreadyOwnedByYou.
  wire::s3control::CreateAccessPointResult create(
      const wire::s3control::CreateAccessPointRequest& request, const aws::Caller& caller);
  wire::s3control::GetAccessPointResult get(const wire::s3control::GetAccessPointRequest& request,
                                            const aws::Caller& caller);
  wire::s3control::ListAccessPointsResult list(
      const wire::s3control::ListAccessPointsRequest& request, const aws::Caller& caller);
  wire::Empty remove(const wire::s3control::DeleteAccessPointRequest& request,
                     const aws::Caller& caller);

  wire::Empty put_policy(const wire::s3control::PutAccessPointPolicyRequest& request,
                         const aws::Caller& caller);
  wire::s3control::GetAccessPointPolicyResult get_policy(
      const wire::s3control::GetAccessPointPolicyRequest& request, const aws::Caller& caller);
  wire::Empty delete_policy(const wire::s3control::DeleteAccessPointPolicyRequest& request,
                            const aws::Caller& caller);

 private:
  records::Database& database_;
};

/// A new alias for an access point: shorter than the 50 characters from which on clients leave a
/// custom endpoint aside for the public host of the alias.
std::string new_alias(std::string_view access_point);

}  // namespace millrace::outposts
