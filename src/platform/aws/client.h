#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/http/client.h"
#include "core/io/byte_source.h"
#include "core/json/json.h"
#include "platform/aws/authenticate.h"
#include "platform/aws/empty.h"
#include "platform/aws/payload.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// A request body of known length for PutObject and UploadPart: `{.bucket = b, .key = k, .body =
/// &payload}`.
class SourcePayload final : public Payload {
 public:
  /// `source` must give exactly `length` bytes.
  SourcePayload(ByteSource& source, std::uint64_t length) : source_(source), length_(length) {}

  std::size_t read(std::span<char> buffer) override { return source_.read(buffer); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] std::optional<Checksum> checksum() const override { return std::nullopt; }

 private:
  ByteSource& source_;
  std::uint64_t length_;
};

/// Calls operations of a Millrace daemon, or of any server that speaks the same protocols, over one
/// kept-alive connection. One thread at a time; a thread that works in parallel takes a client of
/// its own.
class Client {
 public:
  Client(http::Address address, Credentials credentials, std::string region);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// Signs, sends and waits. What the service refuses comes back as Error with the service's code
  /// and message: Blame::Customer for 4xx, Blame::Platform for 5xx and for a connection that fails.
  ///
  /// A streamed answer (GetObject) arrives as an http::Stream in `body`: read it with stream_of()
  /// to its end before the next call, and while the client lives. A streamed request body travels
  /// unhashed (UNSIGNED-PAYLOAD).
  template <class Op>
  typename Op::Response call(const typename Op::Request& request) {
    Json document;
    to_json(document, request);
    Payload* payload = nullptr;
    if constexpr (requires {
                    { request.body } -> std::convertible_to<Payload*>;
                  })
      payload = request.body;
    Reply reply = exchange(Op::kOperation, document, payload);
    typename Op::Response response;
    from_json(reply.document, response);
    if constexpr (requires {
                    { response.body } -> std::same_as<http::Body&>;
                  })
      response.body = std::move(reply.body);
    if constexpr (requires { response.http_status; }) response.http_status = reply.status;
    return response;
  }

  /// A streamed answer's body as http::Client::raw_body() has it, for splicing.
  [[nodiscard]] std::optional<int> raw_body() const;
  void took(std::uint64_t bytes);

 private:
  struct Reply {
    Json document;
    http::Stream body;
    int status = 200;
  };

  Reply exchange(const Operation& operation, const Json& document, Payload* payload);

  class Session;
  std::unique_ptr<Session> session_;
};

/// The stream of an answer of Client::call.
ByteSource& stream_of(http::Body& body);

}  // namespace millrace::aws
