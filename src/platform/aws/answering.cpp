#include "platform/aws/answering.h"

#include <utility>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "platform/aws/request_body.h"

namespace millrace::aws {

void Answering::bind(const Operation& operation, OperationHandler handler) {
  if (operation.input != nullptr) validator_.prepare(*operation.input);
  operations_.bind(operation, std::move(handler));
}

Caller Answering::caller_of(const http::Request& request, std::string_view body,
                            const RequestProgress& progress) const {
  if (progress.admission != nullptr) return progress.admission->caller;
  return verify_buffered(request, body, options_.keys, now());
}

VerifiedHead Answering::verified_head(const http::Request& request, const std::string& path,
                                      const RequestProgress& progress) const {
  if (progress.admission == nullptr) return verify_streaming(request, path, options_.keys, now());
  return {.caller = progress.admission->caller,
          .payload_hash = kUnsignedPayload,
          .scope = {},
          .key = {},
          .signature = {}};
}

std::string Answering::read_document(ByteSource& body, std::optional<std::uint64_t> length) const {
  return read_document(body, length, options_.max_document_bytes);
}

std::string Answering::read_document(ByteSource& body, std::optional<std::uint64_t> length,
                                     std::uint64_t limit) const {
  return read_body(body, length, limit, options_.document_timeout);
}

std::string Answering::unpacked(std::string body, const http::Headers& headers) const {
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

void Answering::authorize(const Operation& operation, const Json& document, const Caller& caller,
                          const BucketNames& buckets, RequestProgress& progress) const {
  if (!options_.authorize && !options_.audit) return;
  progress.caller = caller;
  progress.accesses = accesses_of(*progress.service, operation, document, caller, buckets);
  if (options_.authorize) options_.authorize(*progress.service, caller, progress.accesses);
}

std::vector<Violation> Answering::violations_of(const Json& document,
                                                const Operation& operation) const {
  return operation.input == nullptr ? std::vector<Violation>()
                                    : validator_.check(document, *operation.input);
}

void Answering::check(const Json& document, const Operation& operation) const {
  const std::vector<Violation> violations = violations_of(document, operation);
  if (!violations.empty()) throw validation_exception(violations);
}

}  // namespace millrace::aws
