#include "core/io/read_ahead_blocks.h"

#include <optional>
#include <utility>

namespace millrace {
namespace {

constexpr std::size_t kBlocks = 3;

}  // namespace

ReadAheadBlocks::ReadAheadBlocks(ByteSource& source, std::size_t block_bytes)
    : ready_(kBlocks), spare_(kBlocks) {
  // The caller holds one of them from the start.
  held_.bytes.resize(block_bytes);
  for (std::size_t i = 1; i < kBlocks; ++i)
    spare_.push({.bytes = std::vector<char>(block_bytes), .used = 0, .failure = nullptr});
  thread_ = std::jthread([this, &source] { read_ahead(source); });
}

ReadAheadBlocks::~ReadAheadBlocks() {
  ready_.close();
  spare_.close();
}

void ReadAheadBlocks::read_ahead(ByteSource& source) {
  while (std::optional<Block> block = spare_.pop()) {
    try {
      block->used = source.read(block->bytes);
    } catch (...) {
      block->failure = std::current_exception();
    }
    const bool last = block->used == 0 || block->failure != nullptr;
    if (!ready_.push(*std::move(block)) || last) break;
  }
  ready_.close();
  // Blocks that are given back from here on are dropped.
  spare_.close();
}

std::span<const char> ReadAheadBlocks::next() {
  spare_.push(std::exchange(held_, {}));
  std::optional<Block> block = ready_.pop();
  if (!block) return {};
  if (block->failure) std::rethrow_exception(block->failure);
  held_ = *std::move(block);
  return std::span<const char>(held_.bytes).first(held_.used);
}

}  // namespace millrace
