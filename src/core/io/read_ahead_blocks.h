#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <thread>
#include <vector>

#include "core/base/bounded_queue.h"
#include "core/io/byte_source.h"

namespace millrace {

/// Reads a source in a thread of its own, a few blocks ahead of its caller: for sources that
/// compute, such as one that inflates, while the caller writes what came before.
///
///     ReadAheadBlocks blocks(source, 1 << 20);
///     for (auto block = blocks.next(); !block.empty(); block = blocks.next()) sink.write(block);
class ReadAheadBlocks {
 public:
  /// `source` must outlive this, and is used by the thread alone until then. Holds three blocks.
  ReadAheadBlocks(ByteSource& source, std::size_t block_bytes);
  ReadAheadBlocks(const ReadAheadBlocks&) = delete;
  ReadAheadBlocks& operator=(const ReadAheadBlocks&) = delete;
  /// Waits for a read that is under way.
  ~ReadAheadBlocks();

  /// The next block, valid until the following call; empty at the end. Throws what reading threw.
  std::span<const char> next();

 private:
  struct Block {
    std::vector<char> bytes;
    std::size_t used = 0;
    std::exception_ptr failure;
  };

  void read_ahead(ByteSource& source);

  BoundedQueue<Block> ready_;
  BoundedQueue<Block> spare_;
  Block held_;
  std::jthread thread_;
};

}  // namespace millrace
