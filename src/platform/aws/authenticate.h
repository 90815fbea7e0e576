#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/http/client.h"
#include "core/http/message.h"
#include "platform/aws/caller.h"

namespace millrace::aws {

/// What a request claims in its signature, before anything has been verified.
struct Scope {
  std::string access_key;
  std::string date;  ///< yyyymmdd
  std::string region;
  std::string service;  ///< the signing name: "s3", "sagemaker", "monitoring", ...
};

/// From the Authorization header or the X-Amz-Credential query parameter; nullopt for an unsigned
/// request. Throws Error(Customer, AuthorizationHeaderMalformed) for a credential that cannot be
/// taken apart.
std::optional<Scope> credential_scope(const http::Request& request);

/// What an access key stands for. The caller's region is filled in from the scope by verification.
struct Identity {
  Caller caller;
  std::string secret_key;
  std::string session_token;  ///< empty for a long-lived key
};

/// nullopt: no such key. Called from many threads at once.
using KeyLookup = std::function<std::optional<Identity>(std::string_view access_key)>;

/// Verifies the header or query signature of a request whose whole body is `body`. Throws
/// Error(Customer) with S3's codes, which dispatch translates for other protocols:
/// InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied ("Request has
/// expired", or nothing signed), InvalidToken, AuthorizationHeaderMalformed,
/// AuthorizationQueryParametersError, XAmzContentSHA256Mismatch.
Caller verify_buffered(const http::Request& request, std::string_view body, const KeyLookup& keys,
                       Time now);

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  ///< empty for a long-lived key
};

/// Payload hash for bodies whose content the signature does not cover.
inline constexpr const char* kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// Adds X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token and Authorization to a request that
/// already has its Host header. `payload_hash` is the lower-case hex SHA-256 of the body, or
/// kUnsignedPayload.
void sign(http::Outgoing& request, const Credentials& credentials, std::string_view region,
          std::string_view service, std::string_view payload_hash, Time now);

/// Lower-case hex SHA-256, the payload hash of a body in memory.
std::string payload_hash(std::string_view body);

}  // namespace millrace::aws
