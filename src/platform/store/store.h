#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/control/types.h"
#include "generated/aws/s3/types.h"
#include "platform/aws/caller.h"
#include "platform/records/buckets.h"
#include "platform/records/database.h"
#include "platform/store/conditions.h"
#include "platform/store/contents.h"
#include "platform/store/object.h"
#include "platform/store/open_objects.h"

namespace millrace::store {

/// S3's highest number of a part, and so of parts.
inline constexpr std::int64_t kMaxPartNumber = 10'000;

enum class Access { Read, Write };

/// Whether a caller may touch a key; an empty key stands for the bucket itself. Called by many
/// threads at once.
using Allowed = std::function<bool(const aws::Caller& caller, std::string_view bucket,
                                   std::string_view key, Access access)>;

/// The S3 operations of models/operations.txt, and LocateObjects. Rows are in the database, bytes
/// in Contents.
///
/// A write is answered when its bytes, their name and its row have been synced; a daemon killed at
/// any instant keeps every object it has acknowledged and nothing of the others. Readers see an
/// object whole, old or new.
///
/// Who may do what: a bucket belongs to the account that made it, and no other account reaches it.
/// Of that account's callers, those that work for a job (Caller::job) can neither make nor delete
/// buckets, and reach the keys that `allowed` grants them; `allowed` is asked for every operation
/// and every caller. LocateObjects names files of the daemon's machine: it answers operators and
/// the supervisors of jobs, and refuses what runs inside a job.
class Store {
 public:
  /// `database` must outlive the store. Removes from `objects` what a killed daemon left
  /// unfinished, so the store must be the only one on that directory. Without `allowed`, everything
  /// the rules above leave open is permitted.
  Store(records::Database& database, const std::filesystem::path& objects, Allowed allowed = {});

  // Buckets: buckets.cpp
  wire::s3::ListBucketsOutput list_buckets(const wire::s3::ListBucketsRequest& request,
                                           const aws::Caller& caller);
  wire::s3::CreateBucketOutput create_bucket(const wire::s3::CreateBucketRequest& request,
                                             const aws::Caller& caller);
  wire::s3::HeadBucketOutput head_bucket(const wire::s3::HeadBucketRequest& request,
                                         const aws::Caller& caller);
  wire::Empty delete_bucket(const wire::s3::DeleteBucketRequest& request,
                            const aws::Caller& caller);
  wire::s3::GetBucketLocationOutput get_bucket_location(
      const wire::s3::GetBucketLocationRequest& request, const aws::Caller& caller);
  wire::s3::GetBucketVersioningOutput get_bucket_versioning(
      const wire::s3::GetBucketVersioningRequest& request, const aws::Caller& caller);

  // Reading: get_object.cpp, object_attributes.cpp
  wire::s3::GetObjectOutput get_object(const wire::s3::GetObjectRequest& request,
                                       const aws::Caller& caller);
  wire::s3::HeadObjectOutput head_object(const wire::s3::HeadObjectRequest& request,
                                         const aws::Caller& caller);
  wire::s3::GetObjectAttributesOutput get_object_attributes(
      const wire::s3::GetObjectAttributesRequest& request, const aws::Caller& caller);

  /// At most `max_bytes` from the start of an object, for services beside the store.
  std::string beginning_of(const std::string& bucket, const std::string& key, std::size_t max_bytes,
                           const aws::Caller& caller);

  // Writing: put_object.cpp, copy_object.cpp, delete_objects.cpp, object_tagging.cpp
  wire::s3::PutObjectOutput put_object(const wire::s3::PutObjectRequest& request,
                                       const aws::Caller& caller);
  wire::s3::CopyObjectOutput copy_object(const wire::s3::CopyObjectRequest& request,
                                         const aws::Caller& caller);
  wire::s3::DeleteObjectOutput delete_object(const wire::s3::DeleteObjectRequest& request,
                                             const aws::Caller& caller);
  wire::s3::DeleteObjectsOutput delete_objects(const wire::s3::DeleteObjectsRequest& request,
                                               const aws::Caller& caller);
  wire::s3::GetObjectTaggingOutput get_object_tagging(
      const wire::s3::GetObjectTaggingRequest& request, const aws::Caller& caller);
  wire::s3::PutObjectTaggingOutput put_object_tagging(
      const wire::s3::PutObjectTaggingRequest& request, const aws::Caller& caller);
  wire::s3::DeleteObjectTaggingOutput delete_object_tagging(
      const wire::s3::DeleteObjectTaggingRequest& request, const aws::Caller& caller);

  // Listing: list_objects.cpp, locate_objects.cpp
  wire::s3::ListObjectsOutput list_objects(const wire::s3::ListObjectsRequest& request,
                                           const aws::Caller& caller);
  wire::s3::ListObjectsV2Output list_objects_v2(const wire::s3::ListObjectsV2Request& request,
                                                const aws::Caller& caller);
  /// Files to link instead of copying, of all objects below a prefix or of the keys that are named.
  /// A file may be gone by the time it is linked, when its object was replaced or deleted: ask
  /// again then.
  wire::control::LocateObjectsResponse locate_objects(
      const wire::control::LocateObjectsRequest& request, const aws::Caller& caller);

  // Multipart: multipart_uploads.cpp, upload_part.cpp, complete_multipart_upload.cpp
  wire::s3::CreateMultipartUploadOutput create_multipart_upload(
      const wire::s3::CreateMultipartUploadRequest& request, const aws::Caller& caller);
  wire::s3::UploadPartOutput upload_part(const wire::s3::UploadPartRequest& request,
                                         const aws::Caller& caller);
  wire::s3::UploadPartCopyOutput upload_part_copy(const wire::s3::UploadPartCopyRequest& request,
                                                  const aws::Caller& caller);
  wire::s3::CompleteMultipartUploadOutput complete_multipart_upload(
      const wire::s3::CompleteMultipartUploadRequest& request, const aws::Caller& caller);
  wire::s3::AbortMultipartUploadOutput abort_multipart_upload(
      const wire::s3::AbortMultipartUploadRequest& request, const aws::Caller& caller);
  wire::s3::ListPartsOutput list_parts(const wire::s3::ListPartsRequest& request,
                                       const aws::Caller& caller);
  wire::s3::ListMultipartUploadsOutput list_multipart_uploads(
      const wire::s3::ListMultipartUploadsRequest& request, const aws::Caller& caller);

 private:
  /// What a caller asks to do, as checked before anything else.
  struct Scope {
    std::string_view bucket;
    std::string_view key;  ///< empty for the bucket itself
    Access access = Access::Read;
    const std::optional<std::string>* expected_owner = nullptr;
  };

  /// The bucket, once the caller may do what `scope` says. Throws NoSuchBucket or AccessDenied.
  records::BucketRow enter(const Scope& scope, const aws::Caller& caller);
  /// The same inside a transaction, where the bucket may have been deleted since enter().
  void require_bucket(records::Connection& connection, std::string_view bucket);
  void check_access(const Scope& scope, std::string_view owner, const aws::Caller& caller);

  /// The object with its file open. Throws NoSuchKey, NoSuchBucket or AccessDenied.
  std::shared_ptr<const OpenObject> open_object(const Scope& scope, const aws::Caller& caller);

  /// The objects of these keys, at least one, that exist, in the order of the keys' bytes.
  wire::control::LocateObjectsResponse locate_keys(const std::string& bucket,
                                                   std::vector<std::string> keys,
                                                   const aws::Caller& caller);

  using InTransaction = std::function<void(records::Connection&)>;
  /// Makes `content` durable, then runs `use`, which refers to it, in a transaction.
  void commit(NewContent content, const InTransaction& use);
  /// Makes `content` durable and the object its name's object, in one transaction with `also`; the
  /// one it replaces is gone afterwards.
  void publish(const Object& object, NewContent content, const WriteConditions& conditions,
               const InTransaction& also);
  /// Notes, in a transaction that drops the last reference to them, contents to be unlinked after
  /// it.
  void release(records::Connection& connection, const std::vector<std::string>& contents);
  /// Unlinks released contents, once their transaction is durable.
  void unlink(const std::vector<std::string>& contents);

  void set_tags(const Scope& scope, const aws::Caller& caller, std::vector<wire::s3::Tag> tags);

  Upload find_upload(records::Connection& connection, std::string_view bucket, std::string_view key,
                     std::string_view id);
  /// The transaction that ends an upload: its parts' rows go, their contents are returned for
  /// unlink().
  std::vector<std::string> release_parts(records::Connection& connection, std::string_view upload);
  void put_part(const Upload& upload, NewContent content, records::PartRow row);
  /// One content with the parts' bytes; nullopt when one of them has been removed meanwhile.
  std::optional<NewContent> joined(const std::vector<records::PartRow>& parts);

  records::Database& database_;
  Contents contents_;
  Allowed allowed_;
  OpenObjects open_objects_;
  /// Unlinked contents whose rows in unreferenced_content the next releasing transaction deletes.
  Guarded<std::vector<std::string>> unlinked_;
};

}  // namespace millrace::store
