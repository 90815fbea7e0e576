#pragma once

#include <memory>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// Unpacks a zstd stream (RFC 8878) of one frame or several, with the checksums that are in it
/// verified; skippable frames are skipped. Throws Error(Customer) "<origin>: ..." when the stream
/// is damaged, empty or cut off, or asks for more than 128 MiB of memory, and Error(Platform) where
/// this build has no zstd.
class ZstdSource final : public ByteSource {
 public:
  /// `packed` must outlive the source.
  ZstdSource(ByteSource& packed, std::string origin);
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;
  ~ZstdSource() override;
  std::size_t read(std::span<char> buffer) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millrace
