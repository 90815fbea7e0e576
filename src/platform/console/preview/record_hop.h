#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace millrace::console {

/// Hops from record to record of a RecordIO file (core/data/recordio.h) by their headers alone;
/// what a part claims of its length is believed only as far as the file reaches.
class RecordHop {
 public:
  /// Each hop reads one header, about a microsecond; a file of nothing else has a million in 8 MB.
  static constexpr std::int64_t kMaxHeads = 2'000'000;

  /// `read` gives what there is from a place on, at most so many bytes.
  using Read = std::function<std::string(std::uint64_t from, std::size_t max_bytes)>;
  RecordHop(Read read, std::uint64_t size, std::int64_t max_heads = kMaxHeads)
      : read_(std::move(read)), size_(size), left_(max_heads) {}

  /// Where the next record begins and ends; nullopt at the end of the file. Throws Error(Customer)
  /// for what is no record, and where more than `max_heads` parts lie before its end.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> next();

 private:
  const Read read_;
  const std::uint64_t size_;
  std::int64_t left_;
  std::uint64_t at_ = 0;
};

}  // namespace millrace::console
