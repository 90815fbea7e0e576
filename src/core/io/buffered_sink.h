#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// Collects small writes into large ones, for sinks that pay for each.
class BufferedSink final : public ByteSink {
 public:
  /// `sink` must outlive this one.
  explicit BufferedSink(ByteSink& sink) : sink_(sink) {}

  void write(std::span<const char> bytes) override;
  /// Hands the sink what is still collected; without it the end is missing.
  void finish();

  /// Bytes written so far, collected ones included.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  static constexpr std::size_t kCollectBytes = std::size_t{256} * 1024;

  ByteSink& sink_;
  std::string collected_;
  std::uint64_t offset_ = 0;
};

}  // namespace millrace
