#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/aws/digest.h"

namespace millrace::aws {

/// The additional checksums of S3
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
enum class ChecksumAlgorithm { Crc32, Crc32c, Crc64Nvme, Sha1, Sha256 };

inline constexpr std::array<ChecksumAlgorithm, 5> kChecksumAlgorithms{
    ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c, ChecksumAlgorithm::Crc64Nvme,
    ChecksumAlgorithm::Sha1, ChecksumAlgorithm::Sha256};

/// "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256": the values of x-amz-checksum-algorithm.
const char* wire_name(ChecksumAlgorithm algorithm);
/// "x-amz-checksum-crc32" and so on: the header or trailer that carries a value.
const char* header_name(ChecksumAlgorithm algorithm);
/// Of wire_name(), in any case; nullopt for another text.
std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view wire_name);
/// Length of a digest: 4, 8, 20 or 32 bytes.
std::size_t digest_bytes(ChecksumAlgorithm algorithm);
/// Three of the five can be combined from the checksums of parts.
bool is_crc(ChecksumAlgorithm algorithm);

/// An incremental checksum; one thread at a time. 10 GB/s and more for the CRCs, the speed of
/// OpenSSL for the others.
class Checksummer {
 public:
  explicit Checksummer(ChecksumAlgorithm algorithm);

  void update(std::string_view bytes);
  /// Base64 of the big-endian digest, as the wire has it; starts afresh.
  std::string finish();
  [[nodiscard]] ChecksumAlgorithm algorithm() const { return algorithm_; }

 private:
  ChecksumAlgorithm algorithm_;
  std::variant<std::uint64_t, Digest> state_;  ///< a CRC's value so far, or a running digest
};

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view bytes);

/// One part of a multipart object.
struct PartChecksum {
  std::string value;  ///< base64
  std::uint64_t length = 0;
};

/// Checksum type FULL_OBJECT: that of the parts' concatenation, from the parts' own CRCs in order.
/// Only for is_crc(); Error(Platform) otherwise or when a value is not one of the algorithm.
std::string full_object_checksum(ChecksumAlgorithm algorithm, std::span<const PartChecksum> parts);
/// Checksum type COMPOSITE: checksum of the parts' digests, "-", number of parts. Not for
/// CRC64NVME.
std::string composite_checksum(ChecksumAlgorithm algorithm, std::span<const PartChecksum> parts);

}  // namespace millrace::aws
