#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/http/message.h"
#include "platform/aws/authenticate.h"

namespace millrace::aws {

/// What a signature covers besides the request itself.
struct SigningScope {
  std::string timestamp;  ///< 20130524T000000Z
  std::string region;
  std::string service;

  /// "20130524/us-east-1/s3/aws4_request"
  [[nodiscard]] std::string text() const;
};

/// One request in the terms of AWS Signature Version 4
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
struct SignedParts {
  std::string_view method;
  std::string_view path;   ///< as sent
  std::string_view query;  ///< as sent; an X-Amz-Signature in it is left out
  const http::Headers& headers;
  const std::vector<std::string>& signed_headers;  ///< lower case, in order
  std::string_view payload_hash;
};

/// True for S3 and its siblings: they sign the path as it is sent, so that a key may hold "//" and
/// "..".
bool signs_raw_path(std::string_view service);

/// The canonical request. S3 takes the path as sent; other services normalise it and encode it once
/// more.
std::string canonical_request(const SignedParts& parts, std::string_view service);

/// The key of one day, region and service; kept per thread for the next request.
std::string signing_key(std::string_view secret_key, const SigningScope& scope);

/// Lower-case hex signature of a string to sign.
std::string signature_of(std::string_view key, std::string_view text);

/// The string to sign of a request: AWS4-HMAC-SHA256, time, scope and the canonical request's hash.
std::string string_to_sign(const SigningScope& scope, std::string_view canonical);

inline constexpr std::string_view kSigningAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::chrono::seconds kMaxPresignedExpiry = std::chrono::hours(7 * 24);

struct PresignOptions {
  std::string method = "GET";
  std::string host;    ///< as the client will send it, with a port that is not the scheme's default
  std::string target;  ///< path and query, percent-encoded
  std::string region;
  std::string service = "s3";
  std::chrono::seconds expires{3600};
};

/// The target with the query that makes it work for everyone until it expires (at most seven days).
std::string presign(const PresignOptions& options, const Credentials& credentials, Time now);

}  // namespace millrace::aws
