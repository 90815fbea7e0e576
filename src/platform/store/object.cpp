#include "platform/store/object.h"

#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace::store {
namespace {

// Short member names: there is one of these texts in every row.
constexpr const char* kContentType = "t";
constexpr const char* kCacheControl = "c";
constexpr const char* kContentDisposition = "d";
constexpr const char* kContentEncoding = "e";
constexpr const char* kContentLanguage = "l";
constexpr const char* kExpires = "x";
constexpr const char* kMetadata = "m";
constexpr const char* kTags = "g";
constexpr const char* kChecksumAlgorithm = "a";
constexpr const char* kChecksumType = "f";

void write_text(Json& json, const char* name, const std::optional<std::string>& value) {
  // Header values are bytes; base64 keeps those that are not text.
  if (value) json[name] = is_valid_utf8(*value) ? Json(*value) : Json::array({to_base64(*value)});
}

std::string text_in(const Json& json) {
  return json.is_array() ? from_base64(json.at(0).get<std::string>()).value_or("")
                         : json.get<std::string>();
}

std::optional<std::string> read_text(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  return text_in(*found);
}

Json json_of(const Description& description) {
  Json json = Json::object();
  write_text(json, kContentType, description.content_type);
  write_text(json, kCacheControl, description.cache_control);
  write_text(json, kContentDisposition, description.content_disposition);
  write_text(json, kContentEncoding, description.content_encoding);
  write_text(json, kContentLanguage, description.content_language);
  write_text(json, kExpires, description.expires);
  for (const auto& [name, value] : description.metadata)
    write_text(json[kMetadata], name.c_str(), value);
  for (const wire::s3::Tag& tag : description.tags) json[kTags].push_back({tag.key, tag.value});
  return json;
}

Description description_in(const Json& json) {
  Description description{.content_type = read_text(json, kContentType),
                          .cache_control = read_text(json, kCacheControl),
                          .content_disposition = read_text(json, kContentDisposition),
                          .content_encoding = read_text(json, kContentEncoding),
                          .content_language = read_text(json, kContentLanguage),
                          .expires = read_text(json, kExpires)};
  if (const auto found = json.find(kMetadata); found != json.end()) {
    for (const auto& [name, value] : found->items()) description.metadata[name] = text_in(value);
  }
  if (const auto found = json.find(kTags); found != json.end()) {
    for (const Json& tag : *found)
      description.tags.push_back({.key = tag.at(0), .value = tag.at(1)});
  }
  return description;
}

std::string text_of(const StoredChecksum& checksum) {
  return checksum.algorithm + ' ' + checksum.type + ' ' + checksum.value;
}

std::string text_of(const std::vector<StoredPart>& parts) {
  Json json = Json::array();
  for (const StoredPart& part : parts) {
    Json entry = Json::array({part.number, part.size});
    if (!part.checksum.empty()) entry.push_back(part.checksum);
    json.push_back(std::move(entry));
  }
  return to_text(json);
}

std::vector<StoredPart> parts_in(const std::string& text) {
  std::vector<StoredPart> parts;
  for (const Json& entry : parse_json(text, "an object's parts")) {
    parts.push_back(
        {.number = entry.at(0),
         .size = entry.at(1),
         .checksum = entry.size() > 2 ? entry.at(2).get<std::string>() : std::string()});
  }
  return parts;
}

}  // namespace

Object object_of(records::ObjectRow row) {
  Object object{.bucket = std::move(row.bucket),
                .key = std::move(row.key),
                .size = row.size,
                .modified_at = row.modified_at,
                .etag = std::move(row.etag),
                .content = std::move(row.content)};
  if (row.checksum) object.checksum = checksum_of(*row.checksum);
  object.description = description_in(parse_json(row.document, "an object's document"));
  if (row.parts) object.parts = parts_in(*row.parts);
  return object;
}

records::ObjectRow row_of(const Object& object) {
  records::ObjectRow row{.bucket = object.bucket,
                         .key = object.key,
                         .size = object.size,
                         .modified_at = object.modified_at,
                         .etag = object.etag,
                         .content = object.content,
                         .document = document_of(object.description)};
  if (object.checksum) row.checksum = text_of(*object.checksum);
  if (!object.parts.empty()) row.parts = text_of(object.parts);
  return row;
}

std::string document_of(const Description& description) {
  return to_text(json_of(description));
}

std::optional<StoredChecksum> checksum_of(std::string_view text) {
  const std::vector<std::string_view> words = split(text, ' ');
  if (words.size() != 3) return std::nullopt;
  return StoredChecksum{std::string(words[0]), std::string(words[1]), std::string(words[2])};
}

Upload upload_of(records::UploadRow row) {
  const Json json = parse_json(row.document, "an upload's document");
  return {.id = std::move(row.id),
          .bucket = std::move(row.bucket),
          .key = std::move(row.key),
          .initiated_at = row.initiated_at,
          .description = description_in(json),
          .checksum_algorithm = read_text(json, kChecksumAlgorithm).value_or(""),
          .checksum_type = read_text(json, kChecksumType).value_or("")};
}

records::UploadRow row_of(const Upload& upload) {
  Json json = json_of(upload.description);
  if (!upload.checksum_algorithm.empty()) {
    json[kChecksumAlgorithm] = upload.checksum_algorithm;
    json[kChecksumType] = upload.checksum_type;
  }
  return {.id = upload.id,
          .bucket = upload.bucket,
          .key = upload.key,
          .initiated_at = upload.initiated_at,
          .document = to_text(json)};
}

}  // namespace millrace::store
