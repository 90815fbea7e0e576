#include "platform/runner/mounts/block_pool.h"

#include <utility>

#include "core/base/check.h"

namespace millrace::runner {

std::int64_t BlockPool::cost(std::int64_t bytes) {
  return bytes <= kSmallBytes ? bytes + kOverheadBytes : kBlockBytes;
}

BlockPool::Block BlockPool::take(std::int64_t bytes) {
  MILLRACE_CHECK(bytes <= kBlockBytes);
  const std::int64_t cost = BlockPool::cost(bytes);
  bytes_ += cost;
  if (cost == kBlockBytes) {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<char[]> memory = std::move(free_.back());
      free_.pop_back();
      return {*this, std::move(memory), cost};
    }
  }
  return {*this, std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(cost)), cost};
}

BlockPool::Block::~Block() {
  if (pool_ == nullptr || !bytes_) return;
  pool_->bytes_ -= cost_;
  if (cost_ != kBlockBytes) return;
  const std::lock_guard lock(pool_->mutex_);
  if (pool_->free_.size() < pool_->kept_) pool_->free_.push_back(std::move(bytes_));
}

}  // namespace millrace::runner
