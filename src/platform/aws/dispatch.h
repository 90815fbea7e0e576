#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/http/message.h"
#include "core/json/json.h"
#include "platform/aws/audit.h"
#include "platform/aws/authenticate.h"
#include "platform/aws/bucket_names.h"
#include "platform/aws/caller.h"
#include "platform/aws/empty.h"
#include "platform/aws/payload.h"
#include "platform/aws/resource_access.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// Whether a caller may do what it asks for; throws Error(Customer, AccessDenied...) when it may
/// not. Called from many threads at once.
using Authorize = std::function<void(const Service& service, const Caller& caller,
                                     const std::vector<ResourceAccess>& accesses)>;

struct DispatchOptions {
  KeyLookup keys;
  Authorize authorize{};  ///< absent: every key may do everything that its operations let it
  Audit audit{};
  FindAccessPoint access_points{};  ///< absent: only buckets are buckets
  /// Host names under which <bucket>.<host> addresses a bucket; "localhost" and Amazon's own S3
  /// hosts always do.
  std::vector<std::string> base_hosts{};
  /// Largest body of a JSON, query or XML request; a bigger one is refused without being read.
  std::uint64_t max_document_bytes = std::uint64_t{16} << 20;
  /// For such a body as a whole, however steadily its bytes drip in; then RequestTimeout.
  std::chrono::milliseconds document_timeout = std::chrono::seconds(60);
};

/// Who sent a request that carries no signature, as whoever let it in knows: a session of the
/// console.
struct Admission {
  std::string service;  ///< its signing name
  Caller caller;
};

/// What a handler answered, before it is rendered.
struct Answer {
  Json document;
  http::Body body{};            ///< of a streaming operation
  std::optional<int> status{};  ///< nullopt: the operation's own
};

/// What an operation's struct and method are to the protocols: a document in, an answer out.
using OperationHandler =
    std::function<Answer(const Json& document, Payload* payload, const Caller& caller)>;

class Answering;

/// From an HTTP request to a handler and back: finds service and operation, verifies the signature,
/// parses, validates, calls and renders. One of the few places that catch everything: whatever a
/// handler throws becomes an error of the service's own shape, and what was our fault is logged
/// with the request's id.
class Dispatch {
 public:
  explicit Dispatch(DispatchOptions options);
  ~Dispatch();
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;

  /// Binds an operation: `dispatch.add<wire::s3::ops::PutObject>(&objects, &Objects::put)`.
  /// `object` must outlive this. All operations are bound before the first request.
  template <class Op, class T>
  void add(T* object,
           typename Op::Response (T::*method)(const typename Op::Request&, const Caller&)) {
    bind(Op::kOperation,
         [object, method](const Json& document, Payload* payload, const Caller& caller) {
           typename Op::Request request;
           from_json(document, request);
           if constexpr (requires {
                           { request.body } -> std::same_as<Payload*&>;
                         })
             request.body = payload;
           typename Op::Response response = (object->*method)(request, caller);
           Answer answer;
           to_json(answer.document, response);
           if constexpr (requires {
                           { response.body } -> std::same_as<http::Body&>;
                         })
             answer.body = std::move(response.body);
           if constexpr (requires { response.http_status; }) answer.status = response.http_status;
           return answer;
         });
  }

  /// The daemon's http::Handler; never throws. Many threads at once.
  [[nodiscard]] http::Response handle(http::Request& request) const;
  /// The same for a request that was let in without a signature: everything but that is checked,
  /// and a bucket stands in the path, whatever the host. Its body is covered by the checksums it
  /// brings.
  [[nodiscard]] http::Response handle(http::Request& request, const Admission& admission) const;

 private:
  http::Response answer(http::Request& request, const Admission* admission) const;
  void bind(const Operation& operation, OperationHandler handler);

  std::unique_ptr<Answering> answering_;
};

}  // namespace millrace::aws
