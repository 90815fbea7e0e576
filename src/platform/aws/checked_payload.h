#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/http/message.h"
#include "platform/aws/aws_chunked.h"
#include "platform/aws/checksum.h"
#include "platform/aws/payload.h"
#include "platform/aws/verify.h"

namespace millrace::aws {

/// What a request's head announces about the integrity of its body. Reading it throws
/// Error(Customer, InvalidRequest) for an unknown algorithm, more than one checksum, or a value
/// that cannot be one.
struct AnnouncedChecksum {
  ChecksumAlgorithm algorithm{};
  std::optional<std::string> value;  ///< from a header; nullopt: it comes in the trailer

  static std::optional<AnnouncedChecksum> of(const http::Headers& headers);
};

/// What a checksum in a header is of. An object's, as in CompleteMultipartUpload, is left to the
/// operation.
enum class HeaderChecksum { OfBody, OfObject };

/// The body of a request whose head has been verified, undone and checked as its
/// X-Amz-Content-Sha256 asks. Refers to `request.body`. Errors as in payload.h, and for a head that
/// contradicts itself: InvalidRequest, InvalidArgument, MissingContentLength.
std::unique_ptr<Payload> open_payload(const http::Request& request, const VerifiedHead& head,
                                      HeaderChecksum header_checksum);

/// Throws Error(Customer) with code InvalidDigest or BadDigest when there is a Content-MD5 that is
/// none or not that of `body`, which has been read whole.
void check_content_md5(const http::Headers& headers, std::string_view body);

/// The declared hash of a body that is read whole, for the services that have no framed bodies.
void check_buffered(std::string_view body, const VerifiedHead& head);

}  // namespace millrace::aws
