#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/aws/checksum.h"
#include "platform/aws/payload.h"
#include "platform/store/object.h"

namespace millrace::store {

/// The member of a wire structure that carries a checksum of `algorithm`.
template <class Wire>
auto& checksum_member(Wire& wire, aws::ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case aws::ChecksumAlgorithm::Crc32:
      return wire.checksum_crc32;
    case aws::ChecksumAlgorithm::Crc32c:
      return wire.checksum_crc32_c;
    case aws::ChecksumAlgorithm::Crc64Nvme:
      return wire.checksum_crc64_nvme;
    case aws::ChecksumAlgorithm::Sha1:
      return wire.checksum_sha1;
    case aws::ChecksumAlgorithm::Sha256:
      break;
  }
  return wire.checksum_sha256;
}

template <class Wire>
void set_checksum(Wire& wire, std::string_view algorithm_name, const std::string& value) {
  if (const auto algorithm = aws::checksum_algorithm(algorithm_name))
    checksum_member(wire, *algorithm) = value;
}

/// Value and, where the structure has a member for it, type.
template <class Wire>
void set_checksum(Wire& wire, const std::optional<StoredChecksum>& checksum) {
  if (!checksum) return;
  set_checksum(wire, checksum->algorithm, checksum->value);
  if constexpr (requires { wire.checksum_type; }) wire.checksum_type = checksum->type;
}

/// The checksum a structure carries, if any.
template <class Wire>
std::optional<aws::Checksum> given_checksum(const Wire& wire) {
  for (const aws::ChecksumAlgorithm algorithm : aws::kChecksumAlgorithms) {
    if (const auto& value = checksum_member(wire, algorithm)) {
      return aws::Checksum{.algorithm = aws::wire_name(algorithm), .value = *value};
    }
  }
  return std::nullopt;
}

/// Of a name the validator has let pass.
inline aws::ChecksumAlgorithm required_algorithm(std::string_view name) {
  const auto algorithm = aws::checksum_algorithm(name);
  if (!algorithm) {
    throw Error(Blame::Customer, "InvalidRequest",
                "Checksum algorithm provided is unsupported: " + std::string(name));
  }
  return *algorithm;
}

}  // namespace millrace::store
