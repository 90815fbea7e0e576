#pragma once

#include <optional>
#include <string>

#include "core/io/byte_source.h"

namespace millrace::aws {

/// An additional S3 checksum: algorithm is CRC32, CRC32C, CRC64NVME, SHA1 or SHA256; value in base64 of the
/// big-endian digest, as the wire has it.
struct Checksum {
  std::string algorithm;
  std::string value;
};

/// The body of a streaming request with aws-chunked framing undone. While it is read, the payload hash of the
/// signature, the chunk signatures and the checksum sent in a header or trailer are verified; the read that reaches the
/// end throws Error(Customer) with code XAmzContentSHA256Mismatch, SignatureDoesNotMatch, BadDigest or IncompleteBody
/// when one does not hold. Bytes must therefore not be published before the end was seen.
class Payload : public ByteSource {
 public:
  /// Length of the object, without framing; nullopt when the client did not say.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
  /// What the client sent and was found right; only after the end.
  [[nodiscard]] virtual std::optional<Checksum> checksum() const = 0;
};

}  // namespace millrace::aws
