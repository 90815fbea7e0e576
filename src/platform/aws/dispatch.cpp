#include "platform/aws/dispatch.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/aws/answering.h"
#include "platform/aws/error_response.h"
#include "platform/aws/request_id.h"
#include "platform/aws/request_progress.h"
#include "platform/aws/verify.h"

namespace millrace::aws {
namespace {

bool is_form(const http::Headers& headers) {
  const auto type = headers.find("Content-Type");
  return type && type->starts_with("application/x-www-form-urlencoded");
}

/// What a request that names no service looks like.
ErrorFamily family_by_shape(const http::Request& request) {
  if (request.headers.find("X-Amz-Target")) return ErrorFamily::Json;
  return request.path == "/" && is_form(request.headers) ? ErrorFamily::Query : ErrorFamily::S3;
}

ErrorFamily family_of(const Service& service, const http::Request& request) {
  switch (service.protocol) {
    case Protocol::RestXml:
      return service.name == "s3" ? ErrorFamily::S3 : ErrorFamily::S3Control;
    case Protocol::Query:
      // CloudWatch speaks both.
      return !service.json_version.empty() && request.headers.find("X-Amz-Target")
                 ? ErrorFamily::Json
                 : ErrorFamily::Query;
    default:
      return ErrorFamily::Json;
  }
}

/// Finds the service, and answers in its protocol.
http::Response routed(const Answering& answering, http::Request& request,
                      RequestProgress& progress) {
  std::optional<Scope> scope;
  if (progress.admission == nullptr) {
    scope = credential_scope(request);
    if (!scope) {
      throw Error(Blame::Customer, "AccessDenied",
                  "Anonymous access is not allowed: sign the request with an access key.");
    }
  }
  progress.signed_request = true;
  const std::string& service = scope ? scope->service : progress.admission->service;
  const KnownService* found = answering.operations().service_of(service, request);
  if (found == nullptr) {
    throw unknown_operation(progress.family,
                            "service '" + printable(service, 60) + "' is not offered by Millrace");
  }
  const KnownService& known = *found;
  progress.service = known.service;
  progress.family = family_of(*known.service, request);
  // The signature of a document needs all of it; a key that nobody has needs none.
  const auto require_key = [&] {
    if (scope) static_cast<void>(identity_of(answering.options().keys, scope->access_key));
  };
  if (known.service->protocol == Protocol::RestJson) {
    require_key();
    return answer_rest_json(answering, known, request, progress);
  }
  switch (progress.family) {
    case ErrorFamily::S3:
    case ErrorFamily::S3Control:
      return answer_rest_xml(answering, known, request, progress);
    case ErrorFamily::Query:
      require_key();
      return answer_query(answering, known, request, progress);
    default:
      require_key();
      return answer_json(answering, known, request, progress);
  }
}

void write_audit(const Audit& audit, const http::Request& request, const RequestProgress& progress,
                 int status, std::string_view error) {
  if (!audit || !progress.caller) return;
  audit({.at = now(),
         .caller = *progress.caller,
         .accesses = progress.accesses,
         .peer = request.peer,
         .request_id = progress.id,
         .status = status,
         .error = error});
}

std::string host_id(const std::string& request_id) {
  return to_base64("millrace/" + request_id);
}

void add_request_id(http::Response& response, const RequestProgress& progress) {
  if (progress.family != ErrorFamily::S3 && progress.family != ErrorFamily::S3Control) {
    response.headers.add("x-amzn-RequestId", request_id_as_uuid(progress.id));
    return;
  }
  response.headers.add("x-amz-request-id", progress.id);
  response.headers.add("x-amz-id-2", host_id(progress.id));
}

void log_failure(const RequestProgress& progress, std::string_view code, std::string_view message) {
  log_event("request-failed",
            {{"request_id", progress.id},
             {"service", progress.service == nullptr ? "unknown" : progress.service->name},
             {"operation", progress.operation},
             {"code", code},
             {"message", message}});
}

http::Response failed(const WireError& error, const RequestProgress& progress,
                      const http::Request& request) {
  const std::string host = host_id(progress.id);
  const bool plain =
      progress.family == ErrorFamily::S3 || progress.family == ErrorFamily::S3Control;
  const std::string id = plain ? progress.id : request_id_as_uuid(progress.id);
  return error_response(error, {.family = progress.family,
                                .service = progress.service,
                                .request_id = id,
                                .host_id = host,
                                .resource = request.path,
                                .head = request.method == "HEAD",
                                .query_mode = request.headers.find("x-amzn-query-mode") == "true"});
}

}  // namespace

Dispatch::Dispatch(DispatchOptions options)
    : answering_(std::make_unique<Answering>(std::move(options))) {}

Dispatch::~Dispatch() = default;

void Dispatch::bind(const Operation& operation, OperationHandler handler) {
  answering_->bind(operation, std::move(handler));
}

http::Response Dispatch::handle(http::Request& request) const {
  return answer(request, nullptr);
}

http::Response Dispatch::handle(http::Request& request, const Admission& admission) const {
  return answer(request, &admission);
}

http::Response Dispatch::answer(http::Request& request, const Admission* admission) const {
  RequestProgress progress;
  progress.admission = admission;
  progress.family = family_by_shape(request);
  http::Response response;
  std::string error_code;
  const auto fail = [&](const WireError& wire) {
    error_code = wire.code;
    response = failed(wire, progress, request);
  };
  try {
    response = routed(*answering_, request, progress);
  } catch (const Error& error) {
    const WireError wire =
        wire_error(error, progress.family, progress.service, progress.signed_request);
    if (error.blame() != Blame::Customer) log_failure(progress, wire.code, error.what());
    fail(wire);
  } catch (const std::exception& error) {
    const WireError wire = internal_error(progress.family, progress.id);
    log_failure(progress, wire.code, error.what());
    fail(wire);
  } catch (...) {
    const WireError wire = internal_error(progress.family, progress.id);
    log_failure(progress, wire.code, "something that is no std::exception was thrown");
    fail(wire);
  }
  write_audit(answering_->options().audit, request, progress, response.status, error_code);
  add_request_id(response, progress);
  return response;
}

}  // namespace millrace::aws
