#pragma once

#include "platform/aws/dispatch.h"

namespace millrace::console {

/// Calls of the AWS APIs by somebody who is signed in: /mr/aws/<service>/<what the API's own path
/// is>. The same operations, validator, policies and audit answer them; only the signature is left
/// out.
class AwsCalls {
 public:
  /// `dispatch` must outlive this.
  explicit AwsCalls(const aws::Dispatch& dispatch) : dispatch_(dispatch) {}

  static constexpr const char* kPrefix = "/mr/aws/";

  /// Of a request whose path begins with kPrefix, which is taken off it.
  [[nodiscard]] http::Response answer(http::Request& request, const aws::Caller& caller) const;

 private:
  const aws::Dispatch& dispatch_;
};

/// Makes an object that a browser shows harmless: it runs no script, keeps to its type and, unless
/// it is a picture, plain text or JSON, is downloaded instead of shown.
void contain(http::Response& response);

}  // namespace millrace::console
