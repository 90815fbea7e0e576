#pragma once

#include <functional>
#include <string>

#include "generated/aws/s3control/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::outposts {

/// Buckets on Outposts, as S3 Control manages them. Their objects are reached through access points
/// alone; they lie in the store as those of its own buckets do.
class Buckets {
 public:
  /// `database` must outlive this.
  explicit Buckets(records::Database& database) : database_(database) {}

  /// Throws Error(Customer): NoSuchOutpost, InvalidBucketName, BucketAlreadyOwnedByYou or
  /// BucketAlreadyExists, InvalidRequest for what buckets on Outposts do not have.
  wire::s3control::CreateBucketResult create(const wire::s3control::CreateBucketRequest& request,
                                             const aws::Caller& caller);
  wire::s3control::GetBucketResult get(const wire::s3control::GetBucketRequest& request,
                                       const aws::Caller& caller);
  wire::s3control::ListRegionalBucketsResult list(
      const wire::s3control::ListRegionalBucketsRequest& request, const aws::Caller& caller);
  /// Refused with BucketHasAccessPointsAttached and then with BucketNotEmpty.
  wire::Empty remove(const wire::s3control::DeleteBucketRequest& request,
                     const aws::Caller& caller);

  wire::Empty put_policy(const wire::s3control::PutBucketPolicyRequest& request,
                         const aws::Caller& caller);
  wire::s3control::GetBucketPolicyResult get_policy(
      const wire::s3control::GetBucketPolicyRequest& request, const aws::Caller& caller);
  wire::Empty delete_policy(const wire::s3control::DeleteBucketPolicyRequest& request,
                            const aws::Caller& caller);
  wire::Empty put_tagging(const wire::s3control::PutBucketTaggingRequest& request,
                          const aws::Caller& caller);
  wire::s3control::GetBucketTaggingResult get_tagging(
      const wire::s3control::GetBucketTaggingRequest& request, const aws::Caller& caller);
  wire::Empty delete_tagging(const wire::s3control::DeleteBucketTaggingRequest& request,
                             const aws::Caller& caller);
  wire::s3control::GetBucketVersioningResult get_versioning(
      const wire::s3control::GetBucketVersioningRequest& request, const aws::Caller& caller);

 private:
  records::Database& database_;
};

}  // namespace millrace::outposts
