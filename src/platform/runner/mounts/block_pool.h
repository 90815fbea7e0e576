#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace millrace::runner {

/// Memory that large reads pass through again and again: fresh pages for each would cost as much as
/// the copy.
constexpr std::int64_t kBlockBytes = 2 << 20;

/// Lends memory and knows how much is lent. Up to kSmallBytes comes from the heap, more as a block
/// of kBlockBytes, which is kept for the next one when it comes back.
class BlockPool {
 public:
  class Block {
   public:
    Block() = default;
    Block(Block&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          bytes_(std::move(other.bytes_)),
          cost_(other.cost_) {}
    Block& operator=(Block&&) = delete;
    Block(const Block&) = delete;
    ~Block();

    [[nodiscard]] char* data() const { return bytes_.get(); }

   private:
    friend class BlockPool;
    Block(BlockPool& pool, std::unique_ptr<char[]> bytes, std::int64_t cost)
        : pool_(&pool), bytes_(std::move(bytes)), cost_(cost) {}

    BlockPool* pool_ = nullptr;
    std::unique_ptr<char[]> bytes_;
    std::int64_t cost_ = 0;
  };

  /// Keeps at most `kept` blocks for later. The pool must outlive its blocks.
  explicit BlockPool(std::size_t kept) : kept_(kept) {}

  /// Memory for `bytes`, which is at most kBlockBytes.
  Block take(std::int64_t bytes);
  /// What take(bytes) adds to bytes().
  static std::int64_t cost(std::int64_t bytes);
  /// Lent at the moment.
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  static constexpr std::int64_t kSmallBytes = 256 * 1024;
  static constexpr std::int64_t kOverheadBytes =
      512;  ///< counted for each, so that crumbs are bounded too

  const std::size_t kept_;
  std::atomic<std::int64_t> bytes_ = 0;
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> free_;
};

}  // namespace millrace::runner
