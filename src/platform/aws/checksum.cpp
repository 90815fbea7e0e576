#include "platform/aws/checksum.h"

#include <isa-l.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/crc64nvme.h"

namespace millrace::aws {
namespace {

struct Names {
  const char* wire;
  const char* header;
  std::size_t bytes;
};

/// In the order of ChecksumAlgorithm.
constexpr std::array<Names, 5> kNames{{{"CRC32", "x-amz-checksum-crc32", 4},
                                       {"CRC32C", "x-amz-checksum-crc32c", 4},
                                       {"CRC64NVME", "x-amz-checksum-crc64nvme", 8},
                                       {"SHA1", "x-amz-checksum-sha1", 20},
                                       {"SHA256", "x-amz-checksum-sha256", 32}}};

const Names& names(ChecksumAlgorithm algorithm) {
  return kNames[static_cast<std::size_t>(algorithm)];
}

/// Bit-reflected generator polynomials; bit 0 stands for the highest power.
std::uint64_t polynomial(ChecksumAlgorithm algorithm) {
  if (algorithm == ChecksumAlgorithm::Crc32) return 0xEDB88320;
  if (algorithm == ChecksumAlgorithm::Crc32c) return 0x82F63B78;
  return 0x9A6C9329AC4BC9B5;
}

std::uint32_t crc32c(std::uint32_t before, std::string_view bytes) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 30;  // the length is an int
  std::uint32_t state = ~before;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kMaxBytes))) {
    auto* start = reinterpret_cast<unsigned char*>(
        const_cast<char*>(bytes.data()));  // read only, whatever it says
    state = ::crc32_iscsi(start, static_cast<int>(std::min(bytes.size(), kMaxBytes)), state);
  }
  return ~state;
}

std::uint64_t extended(ChecksumAlgorithm algorithm, std::uint64_t before, std::string_view bytes) {
  switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
      return ::crc32_gzip_refl(static_cast<std::uint32_t>(before),
                               reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    case ChecksumAlgorithm::Crc32c:
      return crc32c(static_cast<std::uint32_t>(before), bytes);
    default:
      return crc64nvme(before, bytes);
  }
}

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[bytes - 1 - i] = static_cast<char>(value >> (8 * i));
  return text;
}

std::uint64_t from_big_endian(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string digest_of_part(ChecksumAlgorithm algorithm, const PartChecksum& part) {
  std::optional<std::string> digest = from_base64(part.value);
  if (!digest || digest->size() != digest_bytes(algorithm)) {
    throw Error(
        Blame::Platform,
        Problem{.where = std::string(wire_name(algorithm)) + " of a part",
                .given = part.value,
                .expected = "base64 of " + std::to_string(digest_bytes(algorithm)) + " bytes",
                .fix = ""});
  }
  return *std::move(digest);
}

/// Arithmetic modulo a reflected polynomial of `bits` bits.
class Residues {
 public:
  Residues(std::uint64_t reflected_polynomial, int bits)
      : polynomial_(reflected_polynomial), one_(std::uint64_t{1} << (bits - 1)) {}

  [[nodiscard]] std::uint64_t product(std::uint64_t a, std::uint64_t b) const {
    std::uint64_t sum = 0;
    for (std::uint64_t bit = one_; bit != 0; bit >>= 1) {
      if ((a & bit) != 0) sum ^= b;
      b = (b >> 1) ^ ((b & 1) != 0 ? polynomial_ : 0);
    }
    return sum;
  }

  /// x to the power 8 * bytes: what that many bytes behind a text do to its remainder.
  [[nodiscard]] std::uint64_t shift(std::uint64_t bytes) const {
    std::uint64_t result = one_;
    std::uint64_t square = one_ >> 8;  // x^8
    for (; bytes != 0; bytes >>= 1) {
      if ((bytes & 1) != 0) result = product(result, square);
      square = product(square, square);
    }
    return result;
  }

 private:
  std::uint64_t polynomial_;
  std::uint64_t one_;  ///< the polynomial 1
};

}  // namespace

const char* wire_name(ChecksumAlgorithm algorithm) {
  return names(algorithm).wire;
}
const char* header_name(ChecksumAlgorithm algorithm) {
  return names(algorithm).header;
}
std::size_t digest_bytes(ChecksumAlgorithm algorithm) {
  return names(algorithm).bytes;
}

std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view wire) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    if (equal_ignoring_case(wire, wire_name(algorithm))) return algorithm;
  }
  return std::nullopt;
}

bool is_crc(ChecksumAlgorithm algorithm) {
  return algorithm != ChecksumAlgorithm::Sha1 && algorithm != ChecksumAlgorithm::Sha256;
}

Checksummer::Checksummer(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  if (algorithm == ChecksumAlgorithm::Sha1) state_.emplace<Digest>(Digest::Kind::Sha1);
  if (algorithm == ChecksumAlgorithm::Sha256) state_.emplace<Digest>(Digest::Kind::Sha256);
}

void Checksummer::update(std::string_view bytes) {
  if (auto* digest = std::get_if<Digest>(&state_)) {
    digest->update(bytes);
  } else {
    std::get<std::uint64_t>(state_) = extended(algorithm_, std::get<std::uint64_t>(state_), bytes);
  }
}

std::string Checksummer::finish() {
  if (auto* digest = std::get_if<Digest>(&state_)) return to_base64(digest->finish());
  const std::uint64_t value = std::get<std::uint64_t>(state_);
  state_ = std::uint64_t{0};
  return to_base64(big_endian(value, digest_bytes(algorithm_)));
}

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  Checksummer checksummer(algorithm);
  checksummer.update(bytes);
  return checksummer.finish();
}

std::string full_object_checksum(ChecksumAlgorithm algorithm, std::span<const PartChecksum> parts) {
  if (!is_crc(algorithm)) {
    throw Error(Blame::Platform, std::string(wire_name(algorithm)) +
                                     " of a whole cannot be had from those of its parts");
  }
  const Residues residues(polynomial(algorithm), static_cast<int>(8 * digest_bytes(algorithm)));
  std::uint64_t whole = 0;
  for (const PartChecksum& part : parts) {
    whole = residues.product(residues.shift(part.length), whole) ^
            from_big_endian(digest_of_part(algorithm, part));
  }
  return to_base64(big_endian(whole, digest_bytes(algorithm)));
}

std::string composite_checksum(ChecksumAlgorithm algorithm, std::span<const PartChecksum> parts) {
  Checksummer checksummer(algorithm);
  for (const PartChecksum& part : parts) checksummer.update(digest_of_part(algorithm, part));
  return checksummer.finish() + "-" + std::to_string(parts.size());
}

}  // namespace millrace::aws
