#include "codec/zstd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>

#include "core/base/error.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

std::string packed(std::string_view text) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 3));
  return frame;
}

/// Gives a few bytes at a time.
class Dribble final : public ByteSource {
 public:
  explicit Dribble(std::string_view bytes) : rest_(bytes) {}
  std::size_t read(std::span<char> buffer) override {
    return rest_.read(buffer.first(std::min<std::size_t>(buffer.size(), 7)));
  }

 private:
  MemorySource rest_;
};

std::string unpacked(std::string_view frame) {
  Dribble source(frame);
  ZstdSource zstd(source, "layer");
  return read_all(zstd, 1 << 24, "layer");
}

std::string refusal(std::string_view frame) {
  try {
    unpacked(frame);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * i) + ",";
  return text;
}

TEST(ZstdTest, FramesComeOutAsTheyWentIn) {
  const std::string text = text_of(1'000'000);
  EXPECT_EQ(unpacked(packed(text)), text);
  EXPECT_EQ(unpacked(packed("")), "");
  EXPECT_EQ(unpacked(packed(text) + packed("end")), text + "end");
}

TEST(ZstdTest, DamageIsRefusedByName) {
  const std::string frame = packed(text_of(100'000));
  EXPECT_THAT(refusal(frame.substr(0, frame.size() - 1)), HasSubstr("layer: got"));
  EXPECT_THAT(refusal(""), HasSubstr("the end of the file inside the stream"));
  EXPECT_THAT(refusal(frame + "rest"), HasSubstr("a whole zstd stream"));
  EXPECT_THAT(refusal("no zstd at all"), HasSubstr("a whole zstd stream"));
}

}  // namespace
}  // namespace millrace
