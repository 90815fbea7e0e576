#include "core/io/buffered_sink.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

/// Counts the writes that reach it.
class CountingSink final : public ByteSink {
 public:
  void write(std::span<const char> bytes) override {
    ++writes;
    text.append(bytes.data(), bytes.size());
  }
  int writes = 0;
  std::string text;
};

TEST(BufferedSink, SmallWritesBecomeOneAndLargeOnesKeepTheirPlace) {
  CountingSink sink;
  BufferedSink buffered(sink);
  const std::string large(std::size_t{1} << 20, 'x');
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    buffered.write(std::string_view("abc"));
    expected += "abc";
  }
  buffered.write(large);
  buffered.write(std::string_view("end"));
  expected += large + "end";
  EXPECT_EQ(buffered.offset(), expected.size());
  buffered.finish();
  EXPECT_EQ(sink.text, expected);
  EXPECT_EQ(sink.writes, 3);
}

}  // namespace
}  // namespace millrace
