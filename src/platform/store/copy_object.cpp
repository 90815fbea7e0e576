#include <chrono>

#include "core/base/error.h"
#include "platform/aws/copy_source.h"
#include "platform/store/checksum_members.h"
#include "platform/store/conditions.h"
#include "platform/store/file_slice.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

bool replaces(const std::optional<std::string>& directive) {
  return directive && *directive == wire::s3::MetadataDirective::REPLACE;
}

/// Of a whole object, by an algorithm it does not have a value of, or has one for its parts only.
std::string full_checksum(const OpenObject& open, aws::ChecksumAlgorithm algorithm) {
  constexpr std::size_t kBlockBytes = 256 * 1024;
  FileSlice bytes(open.file, {.offset = 0, .length = open.object.size});
  aws::Checksummer checksum(algorithm);
  std::string block(kBlockBytes, '\0');
  while (const std::size_t got = bytes.read(block))
    checksum.update(std::string_view(block.data(), got));
  return checksum.finish();
}

}  // namespace

wire::s3::CopyObjectOutput Store::copy_object(const wire::s3::CopyObjectRequest& request,
                                              const aws::Caller& caller) {
  refuse_unsupported(request);
  const WriteConditions conditions{.if_match = request.if_match,
                                   .if_none_match = request.if_none_match};
  check_supported(conditions);
  const aws::CopySource source = aws::parse_copy_source(request.copy_source);
  check_version(source.version_id);
  const bool replaces_metadata = replaces(request.metadata_directive);
  const bool replaces_tags = replaces(request.tagging_directive);
  if (source.bucket == request.bucket && source.key == request.key && !replaces_metadata) {
    throw Error(
        Blame::Customer, "InvalidRequest",
        "This copy request is illegal because it is trying to copy an object to itself without "
        "changing the "
        "object's metadata, storage class, website redirect location or encryption attributes.");
  }
  const Description given = described(request);
  enter({.bucket = request.bucket,
         .key = request.key,
         .access = Access::Write,
         .expected_owner = &request.expected_bucket_owner},
        caller);

  // No bytes are copied: the copy is a further hard link to the content. A content can vanish
  // between look-up and link when its object is replaced; the next look-up finds the new one.
  for (;;) {
    const std::shared_ptr<const OpenObject> open =
        open_object({.bucket = source.bucket,
                     .key = source.key,
                     .expected_owner = &request.expected_source_bucket_owner},
                    caller);
    check_copy_source(copy_conditions(request), open->object.etag, open->object.modified_at);
    std::optional<NewContent> content = contents_.link(open->object.content);
    if (!content) {
      // A cached object would be found again however often it is looked up.
      open_objects_.forget(source.bucket, source.key);
      continue;
    }

    Object object = open->object;
    object.bucket = request.bucket;
    object.key = request.key;
    object.content = content->id();
    object.modified_at = std::chrono::floor<std::chrono::seconds>(now());
    if (replaces_metadata) {
      std::vector<wire::s3::Tag> tags = std::move(object.description.tags);
      object.description = given;
      object.description.tags = std::move(tags);
    }
    if (replaces_tags) object.description.tags = given.tags;
    if (request.checksum_algorithm) {
      const aws::ChecksumAlgorithm algorithm = required_algorithm(*request.checksum_algorithm);
      if (!object.checksum || object.checksum->algorithm != aws::wire_name(algorithm) ||
          !object.parts.empty()) {
        object.checksum =
            StoredChecksum{aws::wire_name(algorithm), wire::s3::ChecksumType::FULL_OBJECT,
                           full_checksum(*open, algorithm)};
        for (StoredPart& part : object.parts) part.checksum.clear();
      }
    }
    publish(object, std::move(*content), conditions, {});

    wire::s3::CopyObjectResult result{.e_tag = '"' + object.etag + '"',
                                      .last_modified = object.modified_at};
    set_checksum(result, object.checksum);
    return {.copy_object_result = std::move(result)};
  }
}

}  // namespace millrace::store
