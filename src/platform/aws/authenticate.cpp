#include "platform/aws/authenticate.h"

#include "core/base/error.h"
#include "platform/aws/checked_payload.h"
#include "platform/aws/verify.h"

namespace millrace::aws {

Caller verify_buffered(const http::Request& request, std::string_view body, const KeyLookup& keys,
                       Time now) {
  bool hash_is_signed = false;
  const auto hash = [&] {
    hash_is_signed = true;
    return payload_hash(body);
  };
  const VerifiedHead head = verify_head(request, request.path, hash, keys, now);
  // Otherwise the client has said what the hash is, and that was signed.
  if (!hash_is_signed) check_buffered(body, head);
  return head.caller;
}

VerifiedHead verify_streaming(const http::Request& request, const std::string& resource_path,
                              const KeyLookup& keys, Time now) {
  const auto no_hash = []() -> std::string {
    throw Error(Blame::Customer, "InvalidRequest",
                "Missing required header for this request: x-amz-content-sha256");
  };
  return verify_head(request, resource_path, no_hash, keys, now);
}

}  // namespace millrace::aws
