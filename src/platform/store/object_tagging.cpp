#include "core/base/error.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {

wire::s3::GetObjectTaggingOutput Store::get_object_tagging(
    const wire::s3::GetObjectTaggingRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  const std::shared_ptr<const OpenObject> open =
      open_object({.bucket = request.bucket,
                   .key = request.key,
                   .expected_owner = &request.expected_bucket_owner},
                  caller);
  return {.tag_set = open->object.description.tags};
}

void Store::set_tags(const Scope& scope, const aws::Caller& caller,
                     std::vector<wire::s3::Tag> tags) {
  enter(scope, caller);
  database_.write([&](records::Connection& connection) {
    require_bucket(connection, scope.bucket);
    records::ObjectTable objects(connection);
    std::optional<records::ObjectRow> row = objects.find(scope.bucket, scope.key);
    if (!row) throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
    Description description = object_of(std::move(*row)).description;
    description.tags = std::move(tags);
    objects.set_document(scope.bucket, scope.key, document_of(description));
  });
  open_objects_.forget(scope.bucket, scope.key);
}

wire::s3::PutObjectTaggingOutput Store::put_object_tagging(
    const wire::s3::PutObjectTaggingRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  set_tags({.bucket = request.bucket,
            .key = request.key,
            .access = Access::Write,
            .expected_owner = &request.expected_bucket_owner},
           caller, checked_tags(request.tagging.tag_set));
  return {};
}

wire::s3::DeleteObjectTaggingOutput Store::delete_object_tagging(
    const wire::s3::DeleteObjectTaggingRequest& request, const aws::Caller& caller) {
  refuse_unsupported(request);
  set_tags({.bucket = request.bucket,
            .key = request.key,
            .access = Access::Write,
            .expected_owner = &request.expected_bucket_owner},
           caller, {});
  return {};
}

}  // namespace millrace::store
