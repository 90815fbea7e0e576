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

/// The pixels of a PNG file that is given in hexadecimal.
std::vector<std::uint8_t> pixels_of(std::string_view hex) {
  return decode_image(from_hex(hex).value(), "x").pixels;
}

// What OpenCV 4.6 makes of these files: cv2.imdecode(bytes, cv2.IMREAD_COLOR), in the order red,
// green, blue. Its grey files have three equal channels, ours one.
TEST(Png, AnAlphaChannelIsDroppedAsOpenCvDoes) {
  // Two pixels: opaque (255, 128, 64), and white with alpha 0.
  EXPECT_EQ(pixels_of("89504e470d0a1a0a0000000d4948445200000002000000010806000000f4227f8a"
                      "0000000f49444154789c63f8dfe0f01f0818001af305bcba73014a0000000049454e44"
                      "ae426082"),
            (std::vector<std::uint8_t>{255, 128, 64, 255, 255, 255}));
}

TEST(Png, InterlacedSixteenBitColoursWithAlphaAreThoseOfOpenCv) {
  EXPECT_EQ(pixels_of("89504e470d0a1a0a0000000d4948445200000003000000021006000001bae38acf0000003f"
                      "4944415478da013400cbff0000000abd157a20370055e860a56b62761f002af435b1406e4b"
                      "2b0080dc8b999656a113abd0b68dc14acc07d6c4e181ec3ef6fbe9c0174d74bb3dd7000000"
                      "0049454e44ae426082"),
            (std::vector<std::uint8_t>{0, 10, 21, 42, 53, 64, 85, 96, 107, 128, 139, 150, 171, 182,
                                       193, 214, 225, 236}));
}

TEST(Png, APaletteIsLookedUpWhateverItsTransparency) {
  EXPECT_EQ(pixels_of("89504e470d0a1a0a0000000d49484452000000030000000204030000006f5a7b2900000009"
                      "504c54450a141e28323c46505a16ac84740000000274524e5300809b2b4e180000000e4944"
                      "415478da636054605064000000cd00437a58dbad0000000049454e44ae426082"),
            (std::vector<std::uint8_t>{10, 20, 30, 40, 50, 60, 70, 80, 90,  //
                                       70, 80, 90, 40, 50, 60, 10, 20, 30}));
}

TEST(Png, FewBitsOfGreyAreStretchedToEight) {
  EXPECT_EQ(pixels_of("89504e470d0a1a0a0000000d4948445200000003000000020200000000f2af2167"
                      "0000000c4944415478da639060780200013000fd6830cfdf0000000049454e44ae426082"),
            (std::vector<std::uint8_t>{0, 85, 170, 255, 170, 85}));
}

TEST(Png, AGammaChunkChangesNoPixel) {
  EXPECT_EQ(pixels_of("89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd00000004"
                      "67414d41000186a031e8965f0000000f4944415478da63e04a396164e3060006ab01ebfff4"
                      "035b0000000049454e44ae426082"),
            (std::vector<std::uint8_t>{10, 100, 200, 50, 60, 70}));
}

TEST(Png, ItsExifChunkTurnsIt) {
  const Image image = decode_image(
      from_hex("89504e470d0a1a0a0000000d49484452000000030000000108000000003e8b4b680000001a65584966"
               "49492a0008000000010012010300010000000600000000000000b74811290000000c4944415478da63"
               "6064620600000e0007e99237d40000000049454e44ae426082")
          .value(),
      "x");
  EXPECT_EQ(image.width, 1);
  EXPECT_EQ(image.height, 3);
  EXPECT_EQ(image.pixels, (std::vector<std::uint8_t>{1, 2, 3}));
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
    EXPECT_EQ(error.code(), kDamagedImage);
    EXPECT_STREQ(error.what(),
                 "channel 'train', a.rec, record 7: got \"the file is cut off\", expected a whole, "
                 "undamaged PNG image. Replace the image or leave its record out.");
  }
}

TEST(Image, BytesThatAreNoImageAreRefused) {
  try {
    (void)decode_image("GIF89a....", "a.rec, record 0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), kDamagedImage);
    EXPECT_STREQ(error.what(),
                 "a.rec, record 0: got \"bytes 4749463839612e2e\", expected a JPEG or PNG image. "
                 "Convert the image; raw pixels and other formats are not read.");
  }
}

}  // namespace
}  // namespace millrace
