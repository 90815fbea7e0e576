#include "platform/aws/error_response.h"

#include <algorithm>
#include <iterator>

#include "core/json/json.h"
#include "platform/aws/xml.h"

namespace millrace::aws {
namespace {

struct Row {
  std::string_view code;
  int status;
};

/// S3's codes that are not 400.
constexpr Row kS3[] = {
    {"AccessDenied", 403},
    {"AllAccessDisabled", 403},
    {"BucketAlreadyExists", 409},
    {"BucketAlreadyOwnedByYou", 409},
    {"BucketNotEmpty", 409},
    {"ConditionalRequestConflict", 409},
    {"InsufficientStorage", 507},
    {"InternalError", 500},
    {"InvalidAccessKeyId", 403},
    {"InvalidBucketState", 409},
    {"InvalidObjectState", 403},
    {"InvalidPartNumber", 416},
    {"InvalidRange", 416},
    {"MethodNotAllowed", 405},
    {"MissingContentLength", 411},
    {"AccessPointAlreadyOwnedByYou", 409},
    {"NoSuchAccessPoint", 404},
    {"NoSuchAccessPointPolicy", 404},
    {"NoSuchBucket", 404},
    {"NoSuchBucketPolicy", 404},
    {"NoSuchCORSConfiguration", 404},
    {"NoSuchKey", 404},
    {"NoSuchLifecycleConfiguration", 404},
    {"NoSuchOutpost", 404},
    {"NoSuchTagSet", 404},
    {"NoSuchUpload", 404},
    {"NoSuchVersion", 404},
    {"NotImplemented", 501},
    {"NotModified", 304},
    {"OperationAborted", 409},
    {"PreconditionFailed", 412},
    {"RequestEntityTooLarge", 413},
    {"RequestTimeTooSkewed", 403},
    {"ServiceUnavailable", 503},
    {"SignatureDoesNotMatch", 403},
    {"SlowDown", 503},
};

/// Codes of the JSON services that are not 400.
constexpr Row kJson[] = {
    {"InternalFailure", 500},
    {"InternalServerError", 500},
    {"RequestEntityTooLarge", 413},
    {"ServiceUnavailable", 503},
    {"ServiceUnavailableException", 503},
};

/// Codes of the query services that are not 400.
constexpr Row kQuery[] = {
    {"AccessDenied", 403},         {"EntityAlreadyExists", 409},   {"InternalFailure", 500},
    {"InvalidClientTokenId", 403}, {"MissingAuthenticationToken", 403},
    {"NoSuchEntity", 404},         {"RequestEntityTooLarge", 413}, {"ServiceUnavailable", 503},
    {"SignatureDoesNotMatch", 403},
};

struct Renamed {
  std::string_view from;
  std::string_view json;
  std::string_view query;
};

/// What signature verification and parsing say in S3's words, in those of the other protocols.
constexpr Renamed kRenamed[] = {
    {"AccessDenied", "AccessDeniedException", "AccessDenied"},
    {"AccessDeniedException", "AccessDeniedException", "AccessDenied"},
    {"AuthorizationHeaderMalformed", "IncompleteSignatureException", "IncompleteSignature"},
    {"AuthorizationQueryParametersError", "IncompleteSignatureException", "IncompleteSignature"},
    {"ExpiredToken", "ExpiredTokenException", "ExpiredToken"},
    {"InternalError", "InternalFailure", "InternalFailure"},
    {"InvalidAccessKeyId", "UnrecognizedClientException", "InvalidClientTokenId"},
    {"InvalidToken", "UnrecognizedClientException", "InvalidClientTokenId"},
    {"InvalidURI", "SerializationException", "MalformedQueryString"},
    {"MissingSecurityHeader", "MissingAuthenticationTokenException", "MissingAuthenticationToken"},
    {"RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch"},
    {"SignatureDoesNotMatch", "InvalidSignatureException", "SignatureDoesNotMatch"},
    {"UnknownOperationException", "UnknownOperationException", "InvalidAction"},
    {"ValidationException", "ValidationException", "ValidationError"},
    {"XAmzContentSHA256Mismatch", "InvalidSignatureException", "SignatureDoesNotMatch"},
};

template <std::size_t N>
int status_of(const Row (&rows)[N], std::string_view code, int otherwise) {
  const auto* found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.code == code; });
  return found == std::end(rows) ? otherwise : found->status;
}

std::string_view renamed(std::string_view code, ErrorFamily family) {
  for (const Renamed& row : kRenamed) {
    if (family == ErrorFamily::Query && (row.from == code || row.json == code)) return row.query;
    if (family == ErrorFamily::Json && row.from == code) return row.json;
  }
  return code;
}

bool speaks_s3(ErrorFamily family) { return family == ErrorFamily::S3 || family == ErrorFamily::S3Control; }

std::string_view default_code(Blame blame, ErrorFamily family) {
  if (blame == Blame::Customer) return speaks_s3(family) ? "InvalidRequest" : "ValidationException";
  return "InternalError";
}

}  // namespace

WireError wire_error(const Error& error, ErrorFamily family, const Service* service, bool signed_request) {
  WireError wire;
  wire.message = error.what();
  std::string_view code = error.code().empty() ? default_code(error.blame(), family) : std::string_view(error.code());
  const int otherwise = error.blame() == Blame::Customer ? 400 : 500;
  if (speaks_s3(family)) {
    wire.code = code == "AccessDeniedException" ? "AccessDenied" : code;
    code = wire.code;
    wire.status = status_of(kS3, code, otherwise);
    return wire;
  }
  if (!signed_request && (code == "AccessDenied" || code == "AccessDeniedException")) code = "MissingSecurityHeader";
  code = renamed(code, family);
  if (code == "UnrecognizedClientException" || code == "InvalidClientTokenId") {
    // S3's text would name its own error.
    wire.message = "The security token included in the request is invalid.";
  }
  const auto modelled = [service](std::string_view name) {
    return service != nullptr && std::any_of(service->errors.begin(), service->errors.end(),
                                             [&](const ErrorShape& shape) { return shape.name == name; });
  };
  // The runtime's own name for it.
  if (code == "ValidationException" && !modelled(code) && modelled("ValidationError")) code = "ValidationError";
  if (const auto* detailed = dynamic_cast<const DetailedError*>(&error)) wire.details = detailed->details();
  wire.code = code;
  wire.status = family == ErrorFamily::Json ? status_of(kJson, code, otherwise) : status_of(kQuery, code, otherwise);
  if (service == nullptr) return wire;
  for (const ErrorShape& shape : service->errors) {
    if (shape.code != code && shape.name != code) continue;
    // JSON shows the shape's name, query the code that the model gives it.
    wire.code = family == ErrorFamily::Json ? shape.name : shape.code;
    wire.query_code = shape.code;
    wire.status = shape.status;
    wire.message_member = shape.message_member;
    break;
  }
  return wire;
}

WireError internal_error(ErrorFamily family, std::string_view request_id) {
  WireError wire;
  wire.code = speaks_s3(family) ? "InternalError" : "InternalFailure";
  wire.status = 500;
  wire.message = "Millrace met an internal error. Its log says more under request id " + std::string(request_id) + ".";
  return wire;
}

http::Response error_response(const WireError& error, const ErrorContext& context) {
  http::Response response;
  response.status = error.status;
  if (context.family == ErrorFamily::Json) {
    const std::string version(context.service == nullptr || context.service->json_version.empty()
                                  ? std::string_view("1.1")
                                  : context.service->json_version);
    const bool rest = context.service != nullptr && context.service->protocol == Protocol::RestJson;
    response.headers.add("Content-Type", rest ? "application/json" : "application/x-amz-json-" + version);
    response.headers.add("x-amzn-ErrorType", error.code);
    if (context.query_mode) {
      response.headers.add("x-amzn-query-error",
                           (error.query_code.empty() ? std::string(renamed(error.code, ErrorFamily::Query))
                                                     : error.query_code) +
                               (error.status < 500 ? ";Sender" : ";Receiver"));
    }
    Json body = error.details;
    body["__type"] = error.code;
    body[std::string(error.message_member)] = error.message;
    response.body = to_text(body);
    return response;
  }
  if (context.head || error.status == 304) return response;
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  const auto element = [&body](std::string_view name, std::string_view text) {
    body.append("<").append(name).append(">");
    append_escaped(body, text);
    body.append("</").append(name).append(">");
  };
  if (context.family == ErrorFamily::S3) {
    response.headers.add("Content-Type", "application/xml");
    body += "<Error>";
    element("Code", error.code);
    element("Message", error.message);
    element("Resource", context.resource);
    element("RequestId", context.request_id);
    element("HostId", context.host_id);
    body += "</Error>";
  } else {
    response.headers.add("Content-Type", context.family == ErrorFamily::S3Control ? "application/xml" : "text/xml");
    body += "<ErrorResponse";
    if (context.service != nullptr && !context.service->xml_namespace.empty()) {
      body.append(" xmlns=\"").append(context.service->xml_namespace).append("\"");
    }
    body += "><Error>";
    element("Type", error.status < 500 ? "Sender" : "Receiver");
    element("Code", error.code);
    element("Message", error.message);
    body += "</Error>";
    element("RequestId", context.request_id);
    body += "</ErrorResponse>";
  }
  response.body = std::move(body);
  return response;
}

}  // namespace millrace::aws
