#include "core/io/read_ahead_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace millrace {
namespace {

TEST(ReadAheadBlocks, GiveAllBytesInOrder) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i);
  MemorySource source(text);
  ReadAheadBlocks blocks(source, 100);
  std::string read;
  for (auto block = blocks.next(); !block.empty(); block = blocks.next())
    read.append(block.begin(), block.end());
  EXPECT_EQ(read, text);
}

/// Two blocks of 'x', then an error.
class FailingSource final : public ByteSource {
 public:
  std::size_t read(std::span<char> buffer) override {
    if (++reads_ > 2) throw std::runtime_error("no more");
    std::fill(buffer.begin(), buffer.end(), 'x');
    return buffer.size();
  }

 private:
  int reads_ = 0;
};

TEST(ReadAheadBlocks, TellAFailureInItsPlace) {
  FailingSource source;
  ReadAheadBlocks blocks(source, 10);
  EXPECT_EQ(blocks.next().size(), 10);
  EXPECT_EQ(blocks.next().size(), 10);
  EXPECT_THROW(blocks.next(), std::runtime_error);
}

/// Never ends.
class EndlessSource final : public ByteSource {
 public:
  std::size_t read(std::span<char> buffer) override { return buffer.size(); }
};

TEST(ReadAheadBlocks, EndBeforeTheirSource) {
  EndlessSource source;
  ReadAheadBlocks blocks(source, 1000);
  EXPECT_EQ(blocks.next().size(), 1000);
}

TEST(ReadAheadBlocks, HaveNothingOfAnEmptySource) {
  MemorySource source("");
  ReadAheadBlocks blocks(source, 10);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(blocks.next().empty());
}

}  // namespace
}  // namespace millrace
