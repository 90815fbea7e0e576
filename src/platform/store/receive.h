#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/io/byte_source.h"
#include "platform/aws/checksum.h"
#include "platform/aws/payload.h"
#include "platform/store/contents.h"

namespace millrace::store {

/// What was learned of bytes on their way to disk.
struct Received {
  std::int64_t size = 0;
  std::string md5;                      ///< 16 bytes
  std::optional<std::string> checksum;  ///< base64, where one was asked for
};

struct ReceiveOptions {
  std::optional<std::uint64_t> length;             ///< if known; saves memory for small objects
  std::optional<aws::ChecksumAlgorithm> checksum;  ///< to compute on the way
};

/// Reads `source` to its end into `content`. Reading, writing and MD5 overlap: MD5 has a thread of
/// its own and is one block behind. Memory is four blocks of 256 KiB, whatever the size.
Received receive(ByteSource& source, NewContent& content, const ReceiveOptions& options);

/// The body of a request: as receive(), and verifies the Content-MD5 header. Throws InvalidDigest
/// before reading, or BadDigest after; what the payload verifies by itself comes out of its reads.
/// A checksum is computed for `algorithm` where one is given.
Received receive_body(aws::Payload& body, NewContent& content,
                      const std::optional<std::string>& content_md5,
                      std::optional<aws::ChecksumAlgorithm> algorithm);

}  // namespace millrace::store
