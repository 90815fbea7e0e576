#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platform/aws/authenticate.h"
#include "platform/aws/sigv4.h"

namespace millrace::aws {

/// A signature that has been found right, and what the signatures of the body's chunks build on.
struct VerifiedHead {
  Caller caller;
  std::string
      payload_hash;  ///< X-Amz-Content-Sha256 as signed, or the hash of the body when there is none
  SigningScope scope;
  std::string key;        ///< signing key
  std::string signature;  ///< seed of the first chunk's signature
};

/// What `access_key` stands for. Throws Error(Customer, InvalidAccessKeyId) when it stands for nothing.
Identity identity_of(const KeyLookup& keys, std::string_view access_key);

/// Verifies the header or query signature of a request's head; errors as in authenticate.h.
/// `body_hash` is asked when the client declared no payload hash; it may throw when the body cannot
/// be hashed beforehand. `resource_path` is the path that the request is routed by: see sigv2.h.
VerifiedHead verify_head(const http::Request& request, const std::string& resource_path,
                         const std::function<std::string()>& body_hash, const KeyLookup& keys,
                         Time now);

/// The same for an S3 request, whose body is checked as it is read, by open_payload(): the hash must
/// be declared.
VerifiedHead verify_streaming(const http::Request& request, const std::string& resource_path,
                              const KeyLookup& keys, Time now);

}  // namespace millrace::aws
