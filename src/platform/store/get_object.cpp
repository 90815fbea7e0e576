#include <algorithm>

#include "core/base/error.h"
#include "core/base/time.h"
#include "platform/store/byte_range.h"
#include "platform/store/checksum_members.h"
#include "platform/store/conditions.h"
#include "platform/store/file_slice.h"
#include "platform/store/request_checks.h"
#include "platform/store/store.h"

namespace millrace::store {
namespace {

constexpr int kPartialContent = 206;
constexpr const char* kDefaultContentType = "binary/octet-stream";

/// What of the object is asked for.
struct Selection {
  ByteRange range;
  bool partial = false;
  const StoredPart* part = nullptr;
};

[[noreturn]] void refuse_part_number() {
  throw Error(Blame::Customer, "InvalidPartNumber", "The requested partnumber is not satisfiable");
}

template <class Request>
Selection selected(const Request& request, const Object& object) {
  Selection selection{.range = {.offset = 0, .length = object.size}};
  if (request.part_number) {
    if (request.range) {
      throw Error(Blame::Customer, "InvalidRequest",
                  "Cannot specify both Range header and partNumber query parameter");
    }
    if (object.parts.empty()) {
      if (*request.part_number != 1) refuse_part_number();
      selection.partial = object.size > 0;
      return selection;
    }
    for (const StoredPart& part : object.parts) {
      if (part.number == *request.part_number) {
        selection.range.length = part.size;
        selection.partial = true;
        selection.part = &part;
        return selection;
      }
      selection.range.offset += part.size;
    }
    refuse_part_number();
  }
  if (request.range) {
    if (const auto range = parse_range(*request.range, object.size)) {
      selection.range = *range;
      selection.partial = true;
    }
  }
  return selection;
}

/// The headers that GET and HEAD share.
template <class Output, class Request>
Output head_of(const Request& request, const Object& object, const Selection& selection) {
  const Description& description = object.description;
  Output output;
  output.accept_ranges = "bytes";
  output.last_modified = object.modified_at;
  output.content_length = selection.range.length;
  output.e_tag = '"' + object.etag + '"';
  output.content_type = description.content_type.value_or(kDefaultContentType);
  output.cache_control = description.cache_control;
  output.content_disposition = description.content_disposition;
  output.content_encoding = description.content_encoding;
  output.content_language = description.content_language;
  output.expires = description.expires;
  if (!description.metadata.empty()) output.metadata = description.metadata;
  if (!description.tags.empty())
    output.tag_count = static_cast<std::int64_t>(description.tags.size());
  if (request.part_number && !object.parts.empty()) {
    output.parts_count = static_cast<std::int64_t>(object.parts.size());
  }
  if (selection.partial) {
    output.http_status = kPartialContent;
    output.content_range = content_range(selection.range, object.size);
  }
  // The checksum of the whole object says nothing about a range of it; a part has its own.
  if (request.checksum_mode && object.checksum) {
    if (selection.part != nullptr) {
      if (!selection.part->checksum.empty()) {
        set_checksum(output, object.checksum->algorithm, selection.part->checksum);
      }
    } else if (!selection.partial || selection.range.length == object.size) {
      set_checksum(output, object.checksum);
    }
  }
  if (request.response_cache_control) output.cache_control = request.response_cache_control;
  if (request.response_content_disposition)
    output.content_disposition = request.response_content_disposition;
  if (request.response_content_encoding)
    output.content_encoding = request.response_content_encoding;
  if (request.response_content_language)
    output.content_language = request.response_content_language;
  if (request.response_content_type) output.content_type = request.response_content_type;
  if (request.response_expires) output.expires = rfc1123(*request.response_expires);
  return output;
}

template <class Request>
ReadConditions conditions_of(const Request& request) {
  return {.if_match = request.if_match,
          .if_none_match = request.if_none_match,
          .if_modified_since = request.if_modified_since,
          .if_unmodified_since = request.if_unmodified_since};
}

}  // namespace

wire::s3::GetObjectOutput Store::get_object(const wire::s3::GetObjectRequest& request,
                                            const aws::Caller& caller) {
  refuse_unsupported(request);
  const std::shared_ptr<const OpenObject> open =
      open_object({.bucket = request.bucket,
                   .key = request.key,
                   .expected_owner = &request.expected_bucket_owner},
                  caller);
  const Object& object = open->object;
  check_read(conditions_of(request), object.etag, object.modified_at);
  const Selection selection = selected(request, object);
  auto output = head_of<wire::s3::GetObjectOutput>(request, object, selection);
  output.body = http::FileRange{.file = open->file,
                                .offset = static_cast<std::uint64_t>(selection.range.offset),
                                .length = static_cast<std::uint64_t>(selection.range.length)};
  return output;
}

std::string Store::beginning_of(const std::string& bucket, const std::string& key,
                                std::size_t max_bytes, const aws::Caller& caller) {
  const std::shared_ptr<const OpenObject> open =
      open_object({.bucket = bucket, .key = key}, caller);
  FileSlice slice(open->file, {.offset = 0, .length = open->object.size});
  std::string text(std::min(max_bytes, static_cast<std::size_t>(open->object.size)), '\0');
  text.resize(read_full(slice, text));
  return text;
}

wire::s3::HeadObjectOutput Store::head_object(const wire::s3::HeadObjectRequest& request,
                                              const aws::Caller& caller) {
  refuse_unsupported(request);
  const std::shared_ptr<const OpenObject> open =
      open_object({.bucket = request.bucket,
                   .key = request.key,
                   .expected_owner = &request.expected_bucket_owner},
                  caller);
  const Object& object = open->object;
  check_read(conditions_of(request), object.etag, object.modified_at);
  return head_of<wire::s3::HeadObjectOutput>(request, object, selected(request, object));
}

}  // namespace millrace::store
