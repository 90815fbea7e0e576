#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/message.h"
#include "core/json/json.h"
#include "platform/aws/caller.h"
#include "platform/aws/parameters.h"
#include "platform/aws/resource_access.h"

namespace millrace::console {

/// A request for one of the console's own paths, of somebody who is signed in.
struct Call {
  http::Request& request;
  aws::Caller caller;
  std::string session;  ///< its id
  aws::Parameters query;
  std::vector<std::string> parts{};  ///< what the path has for the pattern's placeholders, decoded
  std::vector<aws::ResourceAccess> accesses{};  ///< what it wants to do to what; see Permit

  /// A query parameter; empty when absent.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  /// A whole number from `least` to `most` of the query, else `otherwise`. Throws Error(Customer)
  /// naming the parameter.
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise,
                                    std::int64_t least, std::int64_t most) const;
  /// The JSON object that is the request's body, of at most `max_bytes`. Throws Error(Customer).
  [[nodiscard]] Json document(std::uint64_t max_bytes) const;
};

/// The name that stands for the operator.
inline constexpr const char* kOperatorName = "operator";
/// Under which name a caller's work is kept and shown. A user who is called as the operator is told
/// apart by what no name of a user has, a space: "operator (user)".
std::string caller_name(const aws::Caller& caller);

/// Throws Error(Customer) when the caller's policies do not allow an action; `call` remembers what
/// was asked, for the audit log.
using Permit = std::function<void(Call& call, std::string action, std::string resource)>;
/// Whether the caller's policies allow an action: for what is left out of an answer where they do
/// not. What is shown is for the audit log, and remembered by whoever asks.
using Allows = std::function<bool(const aws::Caller& caller, const std::string& action,
                                  const std::string& resource)>;

/// An answer that is JSON and kept by no cache.
http::Response json_answer(const Json& document, int status = 200);
/// {"__type", "message"}, as the JSON services have it.
http::Response refusal(int status, std::string_view code, std::string_view message);

/// Throws Error(Customer) with that code, which is answered with 404.
[[noreturn]] void not_found(const std::string& message);

}  // namespace millrace::console
