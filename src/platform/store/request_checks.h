#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/store/object.h"

namespace millrace::store {

/// Error(Customer, NotImplemented) naming the header.
[[noreturn]] void refuse_header(std::string_view header);

/// S3's limit, in bytes of UTF-8; throws KeyTooLongError.
void check_key(std::string_view key);

/// Buckets are not versioned: "null" names what is there, anything else no version.
void check_version(const std::optional<std::string>& version_id);

template <class Value>
void refuse_given(const std::optional<Value>& value, std::string_view header) {
  if (value) refuse_header(header);
}
void refuse_unless(const std::optional<std::string>& value, std::string_view supported,
                   std::string_view header);

/// Refuses by name every member of a request that asks for what the store does not do: encryption
/// by the server, grants, locks, redirects, storage classes. One place for all requests, which have
/// different selections of these members.
template <class Request>
void refuse_unsupported(const Request& request) {
  if constexpr (requires { request.acl; }) {
    if (request.acl && *request.acl != "private" && *request.acl != "bucket-owner-full-control") {
      refuse_header("x-amz-acl: " + *request.acl);
    }
  }
  if constexpr (requires { request.grant_full_control; }) {
    refuse_given(request.grant_full_control, "x-amz-grant-full-control");
    refuse_given(request.grant_read, "x-amz-grant-read");
    refuse_given(request.grant_read_acp, "x-amz-grant-read-acp");
    refuse_given(request.grant_write_acp, "x-amz-grant-write-acp");
  }
  if constexpr (requires { request.grant_write; })
    refuse_given(request.grant_write, "x-amz-grant-write");
  if constexpr (requires { request.object_lock_enabled_for_bucket; }) {
    if (request.object_lock_enabled_for_bucket.value_or(false))
      refuse_header("x-amz-bucket-object-lock-enabled");
  }
  if constexpr (requires { request.object_ownership; }) {
    refuse_unless(request.object_ownership, "BucketOwnerEnforced", "x-amz-object-ownership");
  }
  if constexpr (requires { request.storage_class; }) {
    refuse_unless(request.storage_class, "STANDARD", "x-amz-storage-class");
  }
  if constexpr (requires { request.server_side_encryption; }) {
    refuse_given(request.server_side_encryption, "x-amz-server-side-encryption");
    refuse_given(request.ssekms_key_id, "x-amz-server-side-encryption-aws-kms-key-id");
    refuse_given(request.ssekms_encryption_context, "x-amz-server-side-encryption-context");
    refuse_given(request.bucket_key_enabled, "x-amz-server-side-encryption-bucket-key-enabled");
  }
  if constexpr (requires { request.sse_customer_algorithm; }) {
    refuse_given(request.sse_customer_algorithm, "x-amz-server-side-encryption-customer-algorithm");
    refuse_given(request.sse_customer_key, "x-amz-server-side-encryption-customer-key");
    refuse_given(request.sse_customer_key_md5, "x-amz-server-side-encryption-customer-key-MD5");
  }
  if constexpr (requires { request.copy_source_sse_customer_algorithm; }) {
    refuse_given(request.copy_source_sse_customer_algorithm,
                 "x-amz-copy-source-server-side-encryption-customer-algorithm");
    refuse_given(request.copy_source_sse_customer_key,
                 "x-amz-copy-source-server-side-encryption-customer-key");
    refuse_given(request.copy_source_sse_customer_key_md5,
                 "x-amz-copy-source-server-side-encryption-customer-key-MD5");
  }
  if constexpr (requires { request.website_redirect_location; }) {
    refuse_given(request.website_redirect_location, "x-amz-website-redirect-location");
  }
  if constexpr (requires { request.object_lock_mode; }) {
    refuse_given(request.object_lock_mode, "x-amz-object-lock-mode");
    refuse_given(request.object_lock_retain_until_date, "x-amz-object-lock-retain-until-date");
    refuse_given(request.object_lock_legal_hold_status, "x-amz-object-lock-legal-hold");
  }
  if constexpr (requires { request.mfa; }) refuse_given(request.mfa, "x-amz-mfa");
  if constexpr (requires { request.bypass_governance_retention; }) {
    if (request.bypass_governance_retention.value_or(false))
      refuse_header("x-amz-bypass-governance-retention");
  }
  if constexpr (requires { request.version_id; }) check_version(request.version_id);
  if constexpr (requires { request.key; }) check_key(request.key);
}

/// Content-Encoding without aws-chunked, which describes the transfer; nullopt when nothing is
/// left.
std::optional<std::string> stored_encoding(const std::optional<std::string>& content_encoding);

/// User metadata with names in lower case. Throws MetadataTooLarge above S3's 2 KiB of names and
/// values.
std::map<std::string, std::string> stored_metadata(
    const std::optional<std::map<std::string, std::string>>& metadata);

/// The x-amz-tagging header, "team=a%20b&x=1". Throws InvalidArgument or InvalidTag.
std::vector<wire::s3::Tag> parse_tagging_header(std::string_view header);

/// In the order of their keys. Throws InvalidTag for a repeated key or one beyond S3's limits,
/// BadRequest for more than ten.
std::vector<wire::s3::Tag> checked_tags(std::vector<wire::s3::Tag> tags);

/// The description in the headers of PutObject, CopyObject and CreateMultipartUpload; tags where
/// given.
template <class Request>
Description described(const Request& request) {
  Description description{.content_type = request.content_type,
                          .cache_control = request.cache_control,
                          .content_disposition = request.content_disposition,
                          .content_encoding = stored_encoding(request.content_encoding),
                          .content_language = request.content_language,
                          .expires = request.expires,
                          .metadata = stored_metadata(request.metadata)};
  if (request.tagging) description.tags = parse_tagging_header(*request.tagging);
  return description;
}

}  // namespace millrace::store
