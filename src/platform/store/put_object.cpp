#include <chrono>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/store/checksum_members.h"
#include "platform/store/receive.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {

wire::s3::PutObjectOutput Store::put_object(const wire::s3::PutObjectRequest& request,
                                            const aws::Caller& caller) {
  refuse_unsupported(request);
  const WriteConditions conditions{.if_match = request.if_match,
                                   .if_none_match = request.if_none_match};
  check_supported(conditions);
  Object object{.bucket = request.bucket, .key = request.key, .description = described(request)};
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);

  NewContent content = contents_.create(request.body->length());
  // A client that names an algorithm without sending a value leaves the computing to us.
  std::optional<aws::ChecksumAlgorithm> algorithm;
  if (request.checksum_algorithm && !given_checksum(request))
    algorithm = required_algorithm(*request.checksum_algorithm);
  const Received received = receive_body(*request.body, content, request.content_md5, algorithm);
  object.size = received.size;
  object.etag = to_hex(received.md5);
  object.content = content.id();
  // Listing and headers show whole seconds, so that is what is kept.
  object.modified_at = std::chrono::floor<std::chrono::seconds>(now());
  if (const auto checksum = request.body->checksum()) {
    object.checksum =
        StoredChecksum{checksum->algorithm, wire::s3::ChecksumType::FULL_OBJECT, checksum->value};
  } else if (received.checksum) {
    object.checksum = StoredChecksum{aws::wire_name(*algorithm),
                                     wire::s3::ChecksumType::FULL_OBJECT, *received.checksum};
  }
  publish(object, std::move(content), conditions, {});

  wire::s3::PutObjectOutput output{.e_tag = '"' + object.etag + '"'};
  set_checksum(output, object.checksum);
  return output;
}

}  // namespace millrace::store
