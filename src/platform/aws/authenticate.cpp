#include "platform/aws/authenticate.h"

#include "core/base/error.h"
#include "platform/aws/checked_payload.h"
#include "platform/aws/verify.h"

namespace millrace::aws {

Caller verify_buffered(const http::Request& request, std::string_view body, const KeyLookup& keys,
                       Time now) {
  const VerifiedHead head = verify_head(
      request, request.path, [&] { return payload_hash(body); }, keys, now);
  check_buffered(request, body, head);
  return head.caller;
}

Streaming verify_streaming(http::Request& request, const std::string& resource_path,
                           const KeyLookup& keys, Time now) {
  const auto no_hash = []() -> std::string {
    throw Error(Blame::Customer, "InvalidRequest",
                "Missing required header for this request: x-amz-content-sha256");
  };
  const VerifiedHead head = verify_head(request, resource_path, no_hash, keys, now);
  return {head.caller, open_payload(request, head)};
}

}  // namespace millrace::aws
