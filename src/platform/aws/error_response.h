#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/http/message.h"
#include "core/json/json.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// The shape that errors take on the wire.
enum class ErrorFamily { Json, S3, S3Control, Query };

/// An error whose shape in the model has members besides its message, such as the runtime's
/// ModelError. Only JSON shows them.
class DetailedError : public Error {
 public:
  DetailedError(Blame blame, std::string code, std::string message, Json details)
      : Error(blame, std::move(code), std::move(message)), details_(std::move(details)) {}

  [[nodiscard]] const Json& details() const noexcept { return details_; }

 private:
  Json details_;
};

/// An error as a client sees it.
struct WireError {
  std::string code;
  std::string query_code{};  ///< what clients of a query-compatible service know it as
  int status = 400;
  std::string message;
  std::string_view message_member = "message";  ///< JSON: how the model spells it
  Json details = Json::object();                ///< JSON: its other members
};

/// The one table from Error to wire: the code's name in that family, its HTTP status and its text.
/// S3's names for failed signatures become those of the other protocols. Without a code,
/// Blame::Customer is ValidationException (S3: InvalidRequest) and anything else an internal
/// failure. `service` may be nullptr; `signed_request` tells a missing signature from a missing
/// permission.
WireError wire_error(const Error& error, ErrorFamily family, const Service* service,
                     bool signed_request);

/// For failures that are no Error: an internal failure whose text shows nothing but the request id.
WireError internal_error(ErrorFamily family, std::string_view request_id);

struct ErrorContext {
  ErrorFamily family = ErrorFamily::Json;
  const Service* service = nullptr;
  std::string_view request_id;
  std::string_view host_id;   ///< x-amz-id-2
  std::string_view resource;  ///< S3: the path asked for
  bool head = false;          ///< an answer to HEAD has no body
  bool query_mode = false;    ///< JSON client that wants the query protocol's code as well
};

/// Without the request id headers, which every answer gets.
http::Response error_response(const WireError& error, const ErrorContext& context);

}  // namespace millrace::aws
