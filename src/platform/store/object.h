#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "generated/aws/s3/types.h"
#include "platform/records/objects.h"
#include "platform/records/uploads.h"

namespace millrace::store {

/// What a client said about an object besides its bytes.
struct Description {
  std::optional<std::string> content_type;
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;  ///< without aws-chunked
  std::optional<std::string> content_language;
  std::optional<std::string> expires;           ///< as sent
  std::map<std::string, std::string> metadata;  ///< names in lower case, without x-amz-meta-
  std::vector<wire::s3::Tag> tags;              ///< by key
};

/// A checksum besides the entity tag, of the whole object or composed of its parts'.
struct StoredChecksum {
  std::string algorithm;  ///< CRC32, CRC32C, CRC64NVME, SHA1 or SHA256
  std::string type;       ///< FULL_OBJECT or COMPOSITE
  std::string value;      ///< base64; a composite one with "-<parts>" appended
};

/// A part of an object that came in parts.
struct StoredPart {
  std::int64_t number = 0;
  std::int64_t size = 0;
  std::string checksum;  ///< base64, of the object's algorithm; may be empty
};

struct Object {
  std::string bucket;
  std::string key;
  std::int64_t size = 0;
  Time modified_at{};
  std::string etag;  ///< without quotes
  std::optional<StoredChecksum> checksum;
  std::string content;
  Description description;
  std::vector<StoredPart> parts;  ///< empty for an object that came in one piece
};

Object object_of(records::ObjectRow row);
records::ObjectRow row_of(const Object& object);
/// The row's text form of what may change without the object changing.
std::string document_of(const Description& description);
/// A checksum as rows and listings keep it: "CRC32 FULL_OBJECT y/Q5Jg==".
std::optional<StoredChecksum> checksum_of(std::string_view text);

/// A multipart upload that is open.
struct Upload {
  std::string id;
  std::string bucket;
  std::string key;
  Time initiated_at{};
  Description description;
  std::string checksum_algorithm;  ///< empty when the client asked for none
  std::string checksum_type;       ///< FULL_OBJECT or COMPOSITE; empty without algorithm
};

Upload upload_of(records::UploadRow row);
records::UploadRow row_of(const Upload& upload);

}  // namespace millrace::store
