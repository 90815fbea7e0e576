#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/base/text.h"
#include "core/io/byte_source.h"
#include "platform/aws/answering.h"
#include "platform/aws/parameters.h"
#include "platform/aws/rest_json.h"
#include "platform/aws/rest_xml.h"

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

/// What the model allows for the blob that is the whole body of the operation's requests.
std::uint64_t body_limit(const Operation& operation, const DispatchOptions& options) {
  for (const Member& member : operation.input->members) {
    if (member.streaming && member.shape->max != kNoMaximum)
      return static_cast<std::uint64_t>(member.shape->max);
  }
  return options.max_document_bytes;
}

}  // namespace

/// Clients sign the hash of the body without sending it along, so the signature is known to hold
/// when all of the body has been read. Members travel outside of it, as in REST-XML.
http::Response answer_rest_json(const Answering& answering, const KnownService& known,
                                http::Request& request, RequestProgress& progress) {
  const Parameters query(request.query);
  const auto route = known.router->find(request.method, request.path, query, request.headers);
  if (!route) {
    throw unknown_operation(progress.family, std::string(known.service->full_name) +
                                                 " has no operation at " + request.method + " '" +
                                                 printable(request.path, 120) + "'");
  }
  const Operation& operation = *route->operation;
  progress.operation = operation.name;
  const OperationHandler& handler = answering.operations().handler_of(operation, progress);
  HeldPayload payload(answering.read_document(*request.body, request.content_length,
                                              body_limit(operation, answering.options())));
  const Caller caller = answering.caller_of(request, payload.bytes(), progress);
  const Json document = rest_json_request(*route, query, request.headers, payload.bytes());
  answering.check(document, operation);
  answering.authorize(operation, document, caller, BucketNames(answering.options().access_points),
                      progress);
  Answer answer = handler(document, &payload, caller);
  http::Response response = rest_response(*known.service, operation, answer.document, false);
  if (operation.streaming_output) response.body = std::move(answer.body);
  if (answer.status) response.status = *answer.status;
  return response;
}

}  // namespace millrace::aws
