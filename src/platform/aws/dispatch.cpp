#include "platform/aws/dispatch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <iterator>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/io/byte_source.h"
#include "generated/aws/services.h"
#include "platform/aws/checked_payload.h"
#include "platform/aws/error_response.h"
#include "platform/aws/object_checksum.h"
#include "platform/aws/parameters.h"
#include "platform/aws/query_protocol.h"
#include "platform/aws/request_body.h"
#include "platform/aws/request_id.h"
#include "platform/aws/rest_json.h"
#include "platform/aws/rest_xml.h"
#include "platform/aws/router.h"
#include "platform/aws/validate.h"
#include "platform/aws/verify.h"

namespace millrace::aws {
namespace {

/// A body that has been read and checked.
class HeldPayload final : public Payload {
 public:
  explicit HeldPayload(std::string bytes) : bytes_(std::move(bytes)), rest_(bytes_) {}

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  std::size_t read(std::span<char> buffer) override { return rest_.read(buffer); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  [[nodiscard]] std::optional<Checksum> checksum() const override { return std::nullopt; }

 private:
  std::string bytes_;
  MemorySource rest_;
};

/// What is known about a request while it is being answered, for its answer and for the log.
struct Progress {
  ErrorFamily family = ErrorFamily::S3;
  const Service* service = nullptr;
  std::string_view operation = "unknown";
  std::string id = new_request_id();
  const Admission* admission = nullptr;  ///< of a request that was let in without a signature
  bool signed_request = false;           ///< or let in
  std::optional<Caller> caller;          ///< once its signature was found good
  std::vector<ResourceAccess> accesses;
};

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
      return !service.json_version.empty() && request.headers.find("X-Amz-Target") ? ErrorFamily::Json
                                                                                  : ErrorFamily::Query;
    default:
      return ErrorFamily::Json;
  }
}

Error unknown_operation(ErrorFamily family, std::string message) {
  switch (family) {
    case ErrorFamily::S3:
    case ErrorFamily::S3Control:
      return {Blame::Customer, "NotImplemented",
              "A header or query you provided implies functionality that is not implemented: " + std::move(message)};
    case ErrorFamily::Query:
      return {Blame::Customer, "InvalidAction", std::move(message)};
    default:
      return {Blame::Customer, "UnknownOperationException", std::move(message)};
  }
}

Error not_supported(ErrorFamily family, const Operation& operation) {
  return unknown_operation(family, "operation " + std::string(operation.name) + " is not supported by Millrace");
}

/// "?policyStatus", "?abac": a newer S3 names what it means by a bare parameter. Taking such a request for the plain
/// operation of its method could delete a bucket where a setting was meant.
void refuse_unknown_subresource(const Operation& operation, const http::Request& request, const Parameters& query) {
  if (request.method == "GET" || request.method == "HEAD" || !operation.fixed_query.empty()) return;
  for (const auto& [name, value] : query) {
    const auto known = [&name = name](const Member& member) {
      return member.location == Location::Query && member.wire_name == name;
    };
    const bool bare = value.empty() && operation.input != nullptr &&
                      std::none_of(operation.input->members.begin(), operation.input->members.end(), known);
    if (bare) throw unknown_operation(ErrorFamily::S3, "sub-resource '" + printable(name, 60) + "'");
  }
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// A header that a presigner may have moved into the query. What belongs to the signature, to the framing of the body
/// or to its checksum is no such header.
bool is_hoisted_header(std::string_view name) {
  constexpr std::array<std::string_view, 11> kOthers{
      "x-amz-algorithm",     "x-amz-credential",     "x-amz-date",           "x-amz-expires",
      "x-amz-signedheaders", "x-amz-signature",      "x-amz-security-token", "x-amz-content-sha256",
      "x-amz-trailer",       "x-amz-decoded-content-length", "x-amz-sdk-checksum-algorithm"};
  return starts_with_ignoring_case(name, "x-amz-") && !starts_with_ignoring_case(name, "x-amz-checksum-") &&
         std::none_of(kOthers.begin(), kOthers.end(),
                      [&](std::string_view other) { return equal_ignoring_case(name, other); });
}

/// Of a presigned URL: the signature covers the query, so "?x-amz-meta-colour=red" is as good as the header, and is what
/// presigners make of one. Throws Error(Customer, InvalidArgument) for what a header could not hold.
void restore_hoisted_headers(http::Request& request, const Parameters& query) {
  if (request.headers.find("Authorization")) return;
  for (const auto& [name, value] : query) {
    if (!is_hoisted_header(name) || request.headers.find(name)) continue;
    const auto fits_name = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
             c == '.';
    };
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
    if (!std::all_of(name.begin(), name.end(), fits_name) || std::any_of(value.begin(), value.end(), is_control)) {
      throw Error(Blame::Customer, "InvalidArgument",
                  "The query parameter '" + printable(name, 60) + "' stands for a header; a header's name is letters, "
                  "digits, '-', '_' and '.', and its value has no control characters.");
    }
    request.headers.add(name, std::string(trim(value)));
  }
}

bool has_object_checksum(const Operation& operation, const http::Headers& headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return names_object_checksum(operation, header.first); });
}

}  // namespace

class Dispatch::Table {
 public:
  explicit Table(DispatchOptions options) : options_(std::move(options)) {
    for (const Service* service : wire::services()) {
      const bool rest = service->protocol == Protocol::RestXml || service->protocol == Protocol::RestJson;
      const std::vector<std::string_view> parts = rest ? first_parts(*service) : std::vector<std::string_view>();
      Known& known = all_.emplace_back();
      known.service = service;
      for (const Operation& operation : service->operations) known.operations.emplace(operation.name, &operation);
      if (rest) known.router.emplace(*service);
      if (parts.empty()) services_.emplace(service->signing_name, &known);
      for (const std::string_view part : parts) by_path_.emplace(part, &known);
    }
  }

  void bind(const Operation& operation, Handler handler) {
    if (operation.input != nullptr) validator_.prepare(*operation.input);
    handlers_.insert_or_assign(&operation, std::move(handler));
  }

  http::Response answer(http::Request& request, Progress& progress) const {
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
    const Known* found = service_of(service, request);
    if (found == nullptr) {
      throw unknown_operation(progress.family, "service '" + printable(service, 60) + "' is not offered by Millrace");
    }
    const Known& known = *found;
    progress.service = known.service;
    progress.family = family_of(*known.service, request);
    // The signature of a document needs all of it; a key that nobody has needs none.
    const auto require_key = [&] {
      if (scope) static_cast<void>(identity_of(options_.keys, scope->access_key));
    };
    if (known.service->protocol == Protocol::RestJson) {
      require_key();
      return answer_rest_json(known, request, progress);
    }
    switch (progress.family) {
      case ErrorFamily::S3:
      case ErrorFamily::S3Control:
        return answer_rest(known, request, progress);
      case ErrorFamily::Query:
        require_key();
        return answer_query(known, request, progress);
      default:
        require_key();
        return answer_json(known, request, progress);
    }
  }

  void audit(const http::Request& request, const Progress& progress, int status, std::string_view error) const {
    if (!options_.audit || !progress.caller) return;
    options_.audit({.at = now(),
                    .caller = *progress.caller,
                    .accesses = progress.accesses,
                    .peer = request.peer,
                    .request_id = progress.id,
                    .status = status,
                    .error = error});
  }

 private:
  struct Known {
    const Service* service = nullptr;
    std::unordered_map<std::string_view, const Operation*> operations;
    std::optional<Router> router;  ///< of a REST service
  };

  /// The literal parts that the paths of a REST service begin with; none where one begins with a label.
  static std::vector<std::string_view> first_parts(const Service& service) {
    std::vector<std::string_view> parts;
    for (const Operation& operation : service.operations) {
      const std::string_view part = split(operation.path.substr(1), '/').front();
      if (part.empty() || part.starts_with('{')) return {};
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
    }
    return parts;
  }

  /// Services of one family share signing names and are told apart by their paths: a runtime from the service that makes
  /// what it serves, which is only ever asked at "/"; the control planes of S3, whose requests name an account or an
  /// Outpost, from S3, where the same path is a bucket's.
  [[nodiscard]] const Known* service_of(std::string_view signing_name, const http::Request& request) const {
    constexpr std::string_view kOutposts = "s3-outposts";
    if (request.path != "/" && !request.headers.find("X-Amz-Target")) {
      const auto found = by_path_.find(split(std::string_view(request.path).substr(1), '/').front());
      if (found != by_path_.end()) {
        const Service& service = *found->second->service;
        const bool control_plane = service.protocol == Protocol::RestXml;
        const bool named = request.headers.find("x-amz-account-id") || request.headers.find("x-amz-outpost-id");
        if (control_plane ? named && (signing_name == service.signing_name || signing_name == kOutposts)
                          : signing_name == service.signing_name) {
          return found->second;
        }
      }
    }
    // An access point's requests are signed for S3 on Outposts.
    const auto found = services_.find(signing_name == kOutposts ? std::string_view("s3") : signing_name);
    return found == services_.end() ? nullptr : found->second;
  }

  /// Of a request whose whole body is `body`.
  Caller caller_of(const http::Request& request, std::string_view body, const Progress& progress) const {
    if (progress.admission != nullptr) return progress.admission->caller;
    return verify_buffered(request, body, options_.keys, now());
  }

  /// Of a request whose body is checked as it is read. Without a signature nothing covers it but its checksums.
  VerifiedHead verified_head(const http::Request& request, const std::string& path, const Progress& progress) const {
    if (progress.admission == nullptr) return verify_streaming(request, path, options_.keys, now());
    return {.caller = progress.admission->caller, .payload_hash = kUnsignedPayload, .scope = {}, .key = {}, .signature = {}};
  }

  std::string read_document(ByteSource& body, std::optional<std::uint64_t> length) const {
    return read_document(body, length, options_.max_document_bytes);
  }

  std::string read_document(ByteSource& body, std::optional<std::uint64_t> length, std::uint64_t limit) const {
    return read_body(body, length, limit, options_.document_timeout);
  }

  /// Newer clients compress the larger documents of some operations. The signature is of the body as it came.
  std::string unpacked(std::string body, const http::Headers& headers) const {
    const auto coding = headers.find("Content-Encoding");
    if (!coding || !equal_ignoring_case(trim(*coding), "gzip")) return body;
    MemorySource packed(body);
    GzipSource source(packed, "request body");
    try {
      return read_document(source, std::nullopt);
    } catch (const Error& error) {
      if (!error.code().empty()) throw;
      throw Error(Blame::Customer, "SerializationException", error.what());
    }
  }

  const Operation& operation_named(const Known& known, std::string_view name, Progress& progress) const {
    const auto found = known.operations.find(name);
    if (found == known.operations.end()) {
      throw unknown_operation(progress.family, std::string(known.service->full_name) + " has no operation '" +
                                                   printable(name, 80) + "'");
    }
    progress.operation = found->second->name;
    return *found->second;
  }

  const Handler& handler_of(const Operation& operation, const Progress& progress) const {
    const auto found = handlers_.find(&operation);
    if (found == handlers_.end()) throw not_supported(progress.family, operation);
    return found->second;
  }

  http::Response answer_json(const Known& known, http::Request& request, Progress& progress) const {
    std::string body = read_document(*request.body, request.content_length);
    const Caller caller = caller_of(request, body, progress);
    const std::string_view target = request.headers.find("X-Amz-Target").value_or("");
    const std::size_t dot = target.rfind('.');
    if (dot == std::string_view::npos || target.substr(0, dot) != known.service->target_prefix) {
      throw unknown_operation(progress.family, "X-Amz-Target must be '" + std::string(known.service->target_prefix) +
                                                   ".<Operation>', not '" + printable(target, 120) + "'");
    }
    const Operation& operation = operation_named(known, target.substr(dot + 1), progress);
    const Handler& handler = handler_of(operation, progress);
    Json document = json_document(unpacked(std::move(body), request.headers));
    check(document, operation);
    BucketNames buckets(options_.access_points);
    // A supervisor that asks for the files behind an access point.
    if (known.service->name == "control" && document.contains("Bucket")) {
      document["Bucket"] = buckets.resolve(document["Bucket"].get_ref<const std::string&>());
    }
    authorize(operation, document, caller, buckets, progress);
    const Answer answer = handler(document, nullptr, caller);
    http::Response response;
    response.headers.add("Content-Type", "application/x-amz-json-" + std::string(known.service->json_version));
    if (operation.output != nullptr) response.body = to_text(answer.document);
    return response;
  }

  /// What the model allows for the blob that is the whole body of the operation's requests.
  [[nodiscard]] std::uint64_t body_limit(const Operation& operation) const {
    for (const Member& member : operation.input->members) {
      if (member.streaming && member.shape->max != kNoMaximum) return static_cast<std::uint64_t>(member.shape->max);
    }
    return options_.max_document_bytes;
  }

  /// Clients sign the hash of the body without sending it along, so the signature is known to hold when all of the body
  /// has been read. Members travel outside of it, as in REST-XML.
  http::Response answer_rest_json(const Known& known, http::Request& request, Progress& progress) const {
    const Parameters query(request.query);
    const auto route = known.router->find(request.method, request.path, query, request.headers);
    if (!route) {
      throw unknown_operation(progress.family, std::string(known.service->full_name) + " has no operation at " +
                                                   request.method + " '" + printable(request.path, 120) + "'");
    }
    const Operation& operation = *route->operation;
    progress.operation = operation.name;
    const Handler& handler = handler_of(operation, progress);
    HeldPayload payload(read_document(*request.body, request.content_length, body_limit(operation)));
    const Caller caller = caller_of(request, payload.bytes(), progress);
    const Json document = rest_json_request(*route, query, request.headers, payload.bytes());
    check(document, operation);
    authorize(operation, document, caller, BucketNames(options_.access_points), progress);
    Answer answer = handler(document, &payload, caller);
    http::Response response = rest_response(*known.service, operation, answer.document, false);
    if (operation.streaming_output) response.body = std::move(answer.body);
    if (answer.status) response.status = *answer.status;
    return response;
  }

  http::Response answer_query(const Known& known, http::Request& request, Progress& progress) const {
    std::string body = read_document(*request.body, request.content_length);
    const Caller caller = caller_of(request, body, progress);
    const std::string form = request.method == "POST" ? unpacked(std::move(body), request.headers) : request.query;
    const Parameters parameters(form);
    const std::string* action = parameters.find("Action");
    if (action == nullptr) throw Error(Blame::Customer, "MissingAction", "The request is missing the Action parameter.");
    const Operation& operation = operation_named(known, *action, progress);
    const Handler& handler = handler_of(operation, progress);
    const Json document = query_request(operation, parameters);
    check(document, operation);
    authorize(operation, document, caller, BucketNames(options_.access_points), progress);
    const Answer answer = handler(document, nullptr, caller);
    http::Response response;
    response.headers.add("Content-Type", "text/xml");
    response.body = query_response(*known.service, operation, answer.document, request_id_as_uuid(progress.id));
    return response;
  }

  void authorize(const Operation& operation, const Json& document, const Caller& caller, const BucketNames& buckets,
                 Progress& progress) const {
    if (!options_.authorize && !options_.audit) return;
    progress.caller = caller;
    progress.accesses = accesses_of(*progress.service, operation, document, caller, buckets);
    if (options_.authorize) options_.authorize(*progress.service, caller, progress.accesses);
  }

  void check(const Json& document, const Operation& operation) const {
    if (operation.input == nullptr) return;
    const std::vector<Violation> violations = validator_.check(document, *operation.input);
    if (!violations.empty()) throw validation_exception(violations);
  }

  http::Response answer_rest(const Known& known, http::Request& request, Progress& progress) const {
    std::string path = request.path;
    const bool store = progress.family == ErrorFamily::S3;
    if (store && progress.admission == nullptr) {
      const std::string_view host = request.headers.find("Host").value_or("");
      auto bucket = access_point_of_host(host);
      if (!bucket) bucket = bucket_of_host(host, options_.base_hosts);
      if (bucket) path = "/" + uri_encode(*bucket, Slash::Encode) + path;
    }
    const VerifiedHead head = verified_head(request, path, progress);
    BucketNames buckets(options_.access_points);
    if (store) path = buckets.resolve_path(std::move(path));
    const Parameters query(request.query);
    if (progress.admission == nullptr) restore_hoisted_headers(request, query);
    const auto route = known.router->find(request.method, path, query, request.headers);
    if (!route) {
      throw Error(Blame::Customer, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }
    const Operation& operation = *route->operation;
    progress.operation = operation.name;
    if (buckets.any() && (operation.name == "CreateBucket" || operation.name == "DeleteBucket")) {
      throw Error(Blame::Customer, "MethodNotAllowed",
                  "The specified method is not allowed against this resource: an access point stands for its bucket's "
                  "objects. Buckets of an Outpost are made and deleted by S3 Control.");
    }
    const Handler& handler = handler_of(operation, progress);
    refuse_unknown_subresource(operation, request, query);

    const std::unique_ptr<Payload> payload = open_payload(
        request, head, has_object_checksum(operation, request.headers) ? HeaderChecksum::OfObject : HeaderChecksum::OfBody);
    std::string body;
    if (!operation.streaming_input && request.content_length != std::uint64_t{0}) {
      body = read_document(*payload, payload->length());
      check_content_md5(request.headers, body);
    }
    Json document = rest_request(*route, query, request.headers, body);
    if (operation.input != nullptr) {
      const std::vector<Violation> violations = validator_.check(document, *operation.input);
      if (!violations.empty()) throw s3_violation(violations.front());
    }
    if (store) buckets.resolve_copy_source(document);
    authorize(operation, document, head.caller, buckets, progress);
    Answer answer = handler(document, payload.get(), head.caller);
    buckets.restore(answer.document);
    http::Response response = rest_response(*known.service, operation, answer.document, request.method == "HEAD");
    if (operation.streaming_output) response.body = std::move(answer.body);
    if (answer.status) response.status = *answer.status;
    return response;
  }

  DispatchOptions options_;
  std::deque<Known> all_;
  std::unordered_map<std::string_view, const Known*> services_;  ///< by signing name
  std::unordered_map<std::string_view, const Known*> by_path_;   ///< those that are told apart by a path's first part
  std::unordered_map<const Operation*, Handler> handlers_;
  Validator validator_;
};

namespace {

std::string host_id(const std::string& request_id) { return to_base64("millrace/" + request_id); }

void add_request_id(http::Response& response, const Progress& progress) {
  if (progress.family != ErrorFamily::S3 && progress.family != ErrorFamily::S3Control) {
    response.headers.add("x-amzn-RequestId", request_id_as_uuid(progress.id));
    return;
  }
  response.headers.add("x-amz-request-id", progress.id);
  response.headers.add("x-amz-id-2", host_id(progress.id));
}

void log_failure(const Progress& progress, std::string_view code, std::string_view message) {
  log_event("request-failed", {{"request_id", progress.id},
                               {"service", progress.service == nullptr ? "unknown" : progress.service->name},
                               {"operation", progress.operation},
                               {"code", code},
                               {"message", message}});
}

http::Response failed(const WireError& error, const Progress& progress, const http::Request& request) {
  const std::string host = host_id(progress.id);
  const bool plain = progress.family == ErrorFamily::S3 || progress.family == ErrorFamily::S3Control;
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

Dispatch::Dispatch(DispatchOptions options) : table_(std::make_unique<Table>(std::move(options))) {}

Dispatch::~Dispatch() = default;

void Dispatch::bind(const Operation& operation, Handler handler) { table_->bind(operation, std::move(handler)); }

http::Response Dispatch::handle(http::Request& request) const { return answer(request, nullptr); }

http::Response Dispatch::handle(http::Request& request, const Admission& admission) const {
  return answer(request, &admission);
}

http::Response Dispatch::answer(http::Request& request, const Admission* admission) const {
  Progress progress;
  progress.admission = admission;
  progress.family = family_by_shape(request);
  http::Response response;
  std::string error_code;
  const auto fail = [&](const WireError& wire) {
    error_code = wire.code;
    response = failed(wire, progress, request);
  };
  try {
    response = table_->answer(request, progress);
  } catch (const Error& error) {
    const WireError wire = wire_error(error, progress.family, progress.service, progress.signed_request);
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
  table_->audit(request, progress, response.status, error_code);
  add_request_id(response, progress);
  return response;
}

}  // namespace millrace::aws
