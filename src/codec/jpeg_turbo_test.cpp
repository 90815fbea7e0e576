#include <gtest/gtest.h>

#include <cstdlib>

#include "codec/image.h"
#include "core/base/error.h"

namespace millrace {
namespace {

Image ramp(std::int64_t channels) {
  Image image{.width = 40, .height = 24, .channels = channels, .pixels = {}};
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) {
      for (std::int64_t c = 0; c < channels; ++c) {
        image.pixels.push_back(static_cast<std::uint8_t>(x * 4 + y * 2 + c * 10));
      }
    }
  }
  return image;
}

TEST(Jpeg, DecodesWhatWasEncodedWithinItsLoss) {
  for (const std::int64_t channels : {1, 3}) {
    const Image image = ramp(channels);
    const Image back = decode_image(encode_jpeg(image, 95), "test");
    ASSERT_EQ(back.channels, channels);
    ASSERT_EQ(back.pixels.size(), image.pixels.size());
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      EXPECT_LE(std::abs(back.pixels[i] - image.pixels[i]), 6);
  }
}

TEST(Jpeg, AQuarterOfTheColourMakesASmallerFileOfTheSameBrightness) {
  const Image image = ramp(3);
  const std::string whole = encode_jpeg(image, 95),
                    quarter = encode_jpeg(image, 95, Chroma::Quarter);
  EXPECT_LT(quarter.size(), whole.size());
  const Image back = decode_image(quarter, "test");
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    EXPECT_LE(std::abs(back.pixels[i] - image.pixels[i]), 8);
  EXPECT_EQ(encode_jpeg(image, 95), whole) << "what was encoded before leaves nothing behind";
}

TEST(Jpeg, AFileCutInHalfIsRefusedByName) {
  const std::string bytes = encode_jpeg(ramp(3), 95);
  try {
    (void)decode_image(bytes.substr(0, bytes.size() / 2), "channel 'train', a.rec, record 7");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(std::string(error.what()).find("channel 'train', a.rec, record 7: got \""), 0U)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("expected a whole, undamaged JPEG image"),
              std::string::npos);
  }
}

TEST(Jpeg, EveryCutOffFileIsRefused) {
  const std::string bytes = encode_jpeg(ramp(3), 95);
  // The last two bytes are the end marker, without which no pixel is missing.
  for (std::size_t size = 3; size + 8 < bytes.size(); ++size) {
    EXPECT_THROW((void)decode_image(bytes.substr(0, size), "x"), Error)
        << size << " of " << bytes.size();
  }
}

}  // namespace
}  // namespace millrace
