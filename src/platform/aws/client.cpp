#include "platform/aws/client.h"

#include <functional>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "generated/aws/services.h"
#include "platform/aws/checksum.h"
#include "platform/aws/object_checksum.h"
#include "platform/aws/query_protocol.h"
#include "platform/aws/rest_xml.h"
#include "platform/aws/xml.h"

namespace millrace::aws {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20;
constexpr std::size_t kMaxErrorBytes = std::size_t{1} << 20;

const Service& service_of(const Operation& operation) {
  const std::less_equal<const Operation*> at_most;
  for (const Service* service : wire::services()) {
    const auto& all = service->operations;
    if (at_most(&all.front(), &operation) && at_most(&operation, &all.back())) return *service;
  }
  MILLRACE_CHECK(!"an operation of no service");
}

std::string host_header(const http::Address& address) {
  if (!address.unix_socket.empty()) return "localhost";
  const bool v6 = address.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + address.host + "]" : address.host;
  return address.port == 80 ? host : host + ":" + std::to_string(address.port);
}

/// Answers to HEAD have no body to name their error.
std::string code_of_status(int status) {
  switch (status) {
    case 304:
      return "NotModified";
    case 403:
      return "AccessDenied";
    case 404:
      return "NotFound";
    case 412:
      return "PreconditionFailed";
    case 416:
      return "InvalidRange";
    default:
      return "HttpStatus" + std::to_string(status);
  }
}

/// The code before ':' or behind '#', where some services decorate it.
std::string bare_code(std::string code) {
  if (const std::size_t hash = code.find('#'); hash != std::string::npos) code.erase(0, hash + 1);
  return code.substr(0, code.find(':'));
}

struct Told {
  std::string code;
  std::string message;
};

Told told_in_json(std::string_view body) {
  Told told;
  const Json json = parse_json(body, "error answer");
  for (const char* name : {"__type", "code"}) {
    if (told.code.empty() && json.contains(name) && json[name].is_string()) told.code = bare_code(json[name]);
  }
  for (const char* name : {"message", "Message"}) {
    if (told.message.empty() && json.contains(name) && json[name].is_string()) told.message = json[name];
  }
  return told;
}

Told told_in_xml(std::string_view body) {
  const XmlElement root = parse_xml(body);
  const XmlElement* error = root.name == "Error" ? &root : root.child("Error");
  if (error == nullptr) return {};
  const XmlElement* code = error->child("Code");
  const XmlElement* message = error->child("Message");
  return {code == nullptr ? "" : code->text, message == nullptr ? "" : message->text};
}

Error refusal(Protocol protocol, const std::string& what, int status, std::string_view body) {
  Told told;
  try {
    if (!body.empty()) told = protocol == Protocol::Json ? told_in_json(body) : told_in_xml(body);
  } catch (const Error&) {
    // Not from such a service, perhaps from a proxy between: shown as it came.
    told.message = printable(body, 200);
  }
  if (told.code.empty()) told.code = code_of_status(status);
  if (told.message.empty()) told.message = what + " answered HTTP status " + std::to_string(status);
  return {status >= 500 ? Blame::Platform : Blame::Customer, std::move(told.code), std::move(told.message)};
}

}  // namespace

class Client::Session {
 public:
  Session(http::Address address, Credentials credentials, std::string region)
      : host_(host_header(address)),
        http_(std::move(address)),
        credentials_(std::move(credentials)),
        region_(std::move(region)) {}

  Reply exchange(const Operation& operation, const Json& document, Payload* payload) {
    const Service& service = service_of(operation);
    http::Outgoing request = outgoing(service, operation, document, payload);
    request.headers.set("Host", host_);
    const bool streams = request.stream != nullptr;
    sign(request, credentials_, region_, service.signing_name,
         streams ? std::string(kUnsignedPayload) : payload_hash(request.content), now());

    http::Incoming incoming = http_.send(request);
    if (incoming.status >= 300) {
      const std::string body = read_all(*incoming.body, kMaxErrorBytes, "the error answer");
      throw refusal(service.protocol, std::string(operation.name), incoming.status, body);
    }
    Reply reply;
    reply.status = incoming.status;
    std::string body;
    if (operation.streaming_output) {
      reply.body = {std::move(incoming.body), incoming.content_length};
    } else {
      body = read_all(*incoming.body, kMaxAnswerBytes, std::string(operation.name) + "'s answer");
    }
    reply.document = incoming_document(service, operation, incoming, body);
    return reply;
  }

  [[nodiscard]] http::Client& http() { return http_; }

 private:
  static http::Outgoing outgoing(const Service& service, const Operation& operation, const Json& document,
                                 Payload* payload) {
    http::Outgoing request;
    switch (service.protocol) {
      case Protocol::Json:
        request.method = "POST";
        request.target = "/";
        request.headers.add("Content-Type", "application/x-amz-json-" + std::string(service.json_version));
        request.headers.add("X-Amz-Target", std::string(service.target_prefix) + "." + std::string(operation.name));
        request.content = to_text(document);
        return request;
      case Protocol::Query:
        request.method = "POST";
        request.target = "/";
        request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        request.content = query_outgoing(service, operation, document);
        return request;
      default:
        break;
    }
    request = rest_outgoing(service, operation, document);
    if (payload != nullptr) {
      request.stream = payload;
      request.stream_length = payload->length();
    } else if (const std::string_view checksum = header_name(ChecksumAlgorithm::Sha256);
               !request.content.empty() && !names_object_checksum(operation, checksum)) {
      // S3 wants one for DeleteObjects, and takes one for every document.
      request.headers.add(std::string(checksum), to_base64(*from_hex(payload_hash(request.content))));
    }
    return request;
  }

  static Json incoming_document(const Service& service, const Operation& operation, const http::Incoming& incoming,
                                const std::string& body) {
    switch (service.protocol) {
      case Protocol::Json:
        return body.empty() ? Json::object() : parse_json(body, std::string(operation.name) + "'s answer",
                                                          {.max_bytes = kMaxAnswerBytes});
      case Protocol::Query:
        return query_reply(operation, body);
      default:
        return rest_reply(operation, incoming.status, incoming.headers, body);
    }
  }

  std::string host_;
  http::Client http_;
  Credentials credentials_;
  std::string region_;
};

Client::Client(http::Address address, Credentials credentials, std::string region)
    : session_(std::make_unique<Session>(std::move(address), std::move(credentials), std::move(region))) {}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Client::Reply Client::exchange(const Operation& operation, const Json& document, Payload* payload) {
  return session_->exchange(operation, document, payload);
}

std::optional<int> Client::raw_body() const { return session_->http().raw_body(); }

void Client::took(std::uint64_t bytes) { session_->http().took(bytes); }

ByteSource& stream_of(http::Body& body) {
  auto* stream = std::get_if<http::Stream>(&body);
  MILLRACE_CHECK(stream != nullptr && stream->source != nullptr);
  return *stream->source;
}

}  // namespace millrace::aws
