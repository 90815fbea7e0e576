#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/base/error.h"
#include "core/http/message.h"
#include "platform/aws/dispatch.h"
#include "platform/aws/error_response.h"
#include "platform/aws/request_progress.h"
#include "platform/aws/router.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// A service of the generated tables, ready for look-ups.
struct KnownService {
  const Service* service = nullptr;
  std::unordered_map<std::string_view, const Operation*> operations;
  std::optional<Router> router;  ///< of a REST service
};

/// What a client is told that asks for something that is not there, in the code of its protocol.
Error unknown_operation(ErrorFamily family, std::string message);

/// Which services and operations there are, and the handlers that are bound to them.
class OperationTable {
 public:
  OperationTable();

  void bind(const Operation& operation, OperationHandler handler);

  /// nullptr when there is none of that signing name for such a request.
  [[nodiscard]] const KnownService* service_of(std::string_view signing_name,
                                               const http::Request& request) const;
  /// Notes the operation in `progress`. Throws unknown_operation().
  const Operation& operation_named(const KnownService& known, std::string_view name,
                                   RequestProgress& progress) const;
  /// Throws unknown_operation() for one that is not bound.
  [[nodiscard]] const OperationHandler& handler_of(const Operation& operation,
                                                   const RequestProgress& progress) const;

 private:
  std::deque<KnownService> all_;
  std::unordered_map<std::string_view, const KnownService*> services_;  ///< by signing name
  /// Those that are told apart by a path's first part.
  std::unordered_map<std::string_view, const KnownService*> by_path_;
  std::unordered_map<const Operation*, OperationHandler> handlers_;
};

}  // namespace millrace::aws
