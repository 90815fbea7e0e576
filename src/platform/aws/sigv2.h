#pragma once

#include <optional>

#include "platform/aws/authenticate.h"
#include "platform/aws/verify.h"

namespace millrace::aws {

/// Query-string authentication of S3, version 2: `?AWSAccessKeyId=...&Expires=...&Signature=...`, an HMAC-SHA1 over a
/// few parts of the request. boto3 as Debian 12 ships it presigns S3 URLs with it unless told otherwise. Only presigned
/// URLs are accepted in this form; it names no region and covers no body.
///
/// Source: "Signing and authenticating REST requests (AWS signature version 2)", Amazon S3 User Guide.

/// nullopt when the request carries no such signature.
std::optional<Scope> sigv2_scope(const http::Request& request);

/// Errors as in authenticate.h. The request must have a sigv2_scope(). The signature does not cover Host, so
/// `resource_path` must be the very path that the request is routed by: "/bucket/key", percent-encoded, with the bucket
/// of a virtual host in front.
VerifiedHead verify_sigv2(const http::Request& request, const std::string& resource_path, const KeyLookup& keys,
                          Time now);

}  // namespace millrace::aws
