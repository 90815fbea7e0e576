#pragma once

#include <functional>
#include <string>

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

/// Verifies the header or query signature of a request's head; errors as in authenticate.h.
/// `body_hash` is asked when the client declared no payload hash; it may throw when the body cannot
/// be hashed beforehand. `resource_path` is the path that the request is routed by: see sigv2.h.
VerifiedHead verify_head(const http::Request& request, const std::string& resource_path,
                         const std::function<std::string()>& body_hash, const KeyLookup& keys,
                         Time now);

}  // namespace millrace::aws
