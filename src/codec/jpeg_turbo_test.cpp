#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <cstdlib>
#include <memory>

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

/// A file of 40 x 24 pixels that our own encoder does not make.
std::string encoded(const std::vector<std::uint8_t>& pixels, int format, int flags) {
  const std::unique_ptr<void, int (*)(void*)> encoder(tjInitCompress(), &tjDestroy);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(encoder.get(), pixels.data(), 40, 0, 24, format, &data, &size, TJSAMP_444,
                        95, flags),
            0);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, &tjFree);
  return std::string(reinterpret_cast<const char*>(data), size);
}

TEST(Jpeg, AProgressiveFileHasThePixelsOfABaselineOne) {
  const std::vector<std::uint8_t> pixels = ramp(3).pixels;
  const std::string progressive = encoded(pixels, TJPF_RGB, TJFLAG_PROGRESSIVE);
  ASSERT_NE(progressive.find("\xff\xc2"), std::string::npos) << "no progressive frame header";
  EXPECT_EQ(decode_image(progressive, "x").pixels,
            decode_image(encoded(pixels, TJPF_RGB, 0), "x").pixels);
}

TEST(Jpeg, InksBecomeTheColoursOfOpenCv) {
  // Adobe's YCCK. cv2.imdecode of this file with OpenCV 4.6 is (33, 64, 96) everywhere.
  std::vector<std::uint8_t> inks;
  for (int i = 0; i < 40 * 24; ++i)
    for (const int ink : {40, 80, 120, 200}) inks.push_back(static_cast<std::uint8_t>(ink));
  const std::string file = encoded(inks, TJPF_CMYK, 0);
  ASSERT_NE(file.find("Adobe"), std::string::npos);
  const Image image = decode_image(file, "x");
  EXPECT_EQ(image.channels, 3);
  std::vector<std::uint8_t> expected;
  for (int i = 0; i < 40 * 24; ++i)
    for (const int color : {33, 64, 96}) expected.push_back(static_cast<std::uint8_t>(color));
  EXPECT_EQ(image.pixels, expected);
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
    EXPECT_EQ(error.code(), kDamagedImage);
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
