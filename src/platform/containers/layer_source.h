#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/io/byte_source.h"
#include "platform/aws/digest.h"

namespace millrace::containers {

/// Passes bytes on, counting and digesting them.
class DigestSource final : public ByteSource {
 public:
  /// `source` must outlive this.
  explicit DigestSource(ByteSource& source) : source_(source) {}
  std::size_t read(std::span<char> buffer) override;

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// "sha256:..." of what was read so far; once.
  std::string digest();

 private:
  ByteSource& source_;
  aws::Digest digest_{aws::Digest::Kind::Sha256};
  std::uint64_t count_ = 0;
};

/// What a layer has to turn out to be.
struct LayerExpectation {
  std::string where;        ///< for errors: "layer 2 of 5 (sha256:...)"
  std::string digest;       ///< of the stored bytes; empty: not known
  std::string diff_id;      ///< of the tar
  std::uint64_t size = 0;   ///< of the stored bytes
  std::uint64_t max_bytes;  ///< of the tar; more is refused
};

/// A layer as tar, whatever it is packed with: gzip, zstd or nothing, told by its first bytes.
class LayerSource final : public ByteSource {
 public:
  /// `stored` must outlive this.
  LayerSource(ByteSource& stored, LayerExpectation expected);
  ~LayerSource() override;

  /// Throws Error(Customer) for damage, and past the expectation's max_bytes.
  std::size_t read(std::span<char> buffer) override;
  /// Reads what is left, as a digest is one of all bytes, and throws Error(Customer) unless size
  /// and digests are the expected ones.
  void finish();

 private:
  class Beginning;

  const LayerExpectation expected_;
  DigestSource stored_;
  std::unique_ptr<ByteSource> beginning_;  ///< the same with the first bytes put back
  std::unique_ptr<ByteSource> unpacked_;   ///< absent where nothing is packed
  std::unique_ptr<DigestSource> tar_;
};

}  // namespace millrace::containers
