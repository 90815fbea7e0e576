#include <gtest/gtest.h>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

TEST(Png, ALevelOfCompressionChangesTheBytesOnly) {
  Image image{.width = 64, .height = 64, .channels = 3, .pixels = {}};
  for (int i = 0; i < 64 * 64 * 3; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i / 96));
  const std::string stored = encode_png(image, 0), small = encode_png(image, 9);
  EXPECT_GT(stored.size(), image.pixels.size());
  EXPECT_LT(small.size(), image.pixels.size() / 10);
  EXPECT_EQ(decode_image(stored, "test").pixels, image.pixels);
  EXPECT_EQ(decode_image(small, "test").pixels, image.pixels);
}

TEST(Png, DecodesWhatWasEncodedExactly) {
  for (const std::int64_t channels : {1, 3}) {
    Image image{.width = 5, .height = 3, .channels = channels, .pixels = {}};
    for (std::int64_t i = 0; i < 15 * channels; ++i)
      image.pixels.push_back(static_cast<std::uint8_t>(i * 5));
    const Image back = decode_image(encode_png(image), "test");
    EXPECT_EQ(back.width, 5);
    EXPECT_EQ(back.height, 3);
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.pixels, image.pixels);
  }
}

TEST(Png, TransparencyIsLaidOverBlack) {
  // Two pixels: opaque (255, 128, 64), and white with alpha 0.
  const std::string bytes = from_hex(
                                "89504e470d0a1a0a0000000d4948445200000002000000010806000000f4227f8a"
                                "0000000f49444154789c63f8dfe0f01f08"
                                "18001af305bcba73014a0000000049454e44ae426082")
                                .value();
  EXPECT_EQ(decode_image(bytes, "x").pixels, (std::vector<std::uint8_t>{255, 128, 64, 0, 0, 0}));
}

TEST(Png, SixteenBitsKeepTheirBrightness) {
  // Grey, 16 bits, without a gAMA chunk: 0x0000, 0x4080, 0x8080, 0xffff.
  const std::string bytes = from_hex(
                                "89504e470d0a1a0a0000000d49484452000000040000000110000000008cc78c"
                                "520000001149444154789c63606070686868f8ff1f000a8603bf629d3bc90000"
                                "000049454e44ae426082")
                                .value();
  EXPECT_EQ(decode_image(bytes, "x").pixels, (std::vector<std::uint8_t>{0, 64, 128, 255}));
}

TEST(Png, ACutOffFileIsRefusedByName) {
  Image image{.width = 30, .height = 30, .channels = 1, .pixels = std::vector<std::uint8_t>(900)};
  for (std::size_t i = 0; i < 900; ++i) image.pixels[i] = static_cast<std::uint8_t>(i * i);
  const std::string bytes = encode_png(image);
  try {
    (void)decode_image(bytes.substr(0, bytes.size() / 2), "channel 'train', a.rec, record 7");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("channel 'train', a.rec, record 7: got \""), 0U)
        << error.what();
  }
}

TEST(Image, BytesThatAreNoImageAreRefused) {
  try {
    (void)decode_image("GIF89a....", "a.rec, record 0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a.rec, record 0: got \"bytes 4749463839612e2e\", expected a JPEG or PNG image. "
                 "Convert the image; raw pixels and other formats are not read.");
  }
}

}  // namespace
}  // namespace millrace
