#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http/message.h"
#include "core/io/byte_source.h"
#include "core/json/json.h"
#include "platform/aws/bucket_names.h"
#include "platform/aws/dispatch.h"
#include "platform/aws/operation_table.h"
#include "platform/aws/request_progress.h"
#include "platform/aws/validate.h"
#include "platform/aws/verify.h"

namespace millrace::aws {

/// What the protocols share: reading a request's body, and whether it is signed, valid and allowed.
class Answering {
 public:
  explicit Answering(DispatchOptions options) : options_(std::move(options)) {}

  void bind(const Operation& operation, OperationHandler handler);
  [[nodiscard]] const DispatchOptions& options() const { return options_; }
  [[nodiscard]] const OperationTable& operations() const { return operations_; }

  /// Of a request whose whole body is `body`.
  [[nodiscard]] Caller caller_of(const http::Request& request, std::string_view body,
                                 const RequestProgress& progress) const;
  /// Of a request whose body is checked as it is read. Without a signature nothing covers it but
  /// its checksums.
  [[nodiscard]] VerifiedHead verified_head(const http::Request& request, const std::string& path,
                                           const RequestProgress& progress) const;
  [[nodiscard]] std::string read_document(ByteSource& body,
                                          std::optional<std::uint64_t> length) const;
  [[nodiscard]] std::string read_document(ByteSource& body, std::optional<std::uint64_t> length,
                                          std::uint64_t limit) const;
  /// Newer clients compress the larger documents of some operations. The signature is of the body
  /// as it came.
  [[nodiscard]] std::string unpacked(std::string body, const http::Headers& headers) const;
  [[nodiscard]] std::vector<Violation> violations_of(const Json& document,
                                                     const Operation& operation) const;
  /// Throws Error(Customer) with all violations.
  void check(const Json& document, const Operation& operation) const;
  /// Notes the caller and what it asks for in `progress`.
  void authorize(const Operation& operation, const Json& document, const Caller& caller,
                 const BucketNames& buckets, RequestProgress& progress) const;

 private:
  const DispatchOptions options_;
  OperationTable operations_;
  Validator validator_;
};

/// An answer in each of the protocols. They throw whatever their handlers throw.
http::Response answer_json(const Answering& answering, const KnownService& known,
                           http::Request& request, RequestProgress& progress);
http::Response answer_query(const Answering& answering, const KnownService& known,
                            http::Request& request, RequestProgress& progress);
http::Response answer_rest_json(const Answering& answering, const KnownService& known,
                                http::Request& request, RequestProgress& progress);
http::Response answer_rest_xml(const Answering& answering, const KnownService& known,
                               http::Request& request, RequestProgress& progress);

}  // namespace millrace::aws
