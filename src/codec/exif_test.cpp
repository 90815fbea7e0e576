#include "codec/exif.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/text.h"

namespace millrace {
namespace {

/// The segment APP1 of a JPEG file with one entry, the orientation.
std::string app1(int orientation, bool big_endian) {
  const std::string value = to_hex(std::string(1, static_cast<char>(orientation)));
  const std::string tiff = big_endian ? "4d4d002a00000008"
                                        "0001"
                                        "0112"
                                        "0003"
                                        "00000001"
                                        "00" +
                                            value +
                                            "0000"
                                            "00000000"
                                      : "49492a0008000000"
                                        "0100"
                                        "1201"
                                        "0300"
                                        "01000000" +
                                            value +
                                            "000000"
                                            "00000000";
  return from_hex(
             "ffe10022"
             "457869660000" +
             tiff)
      .value();
}

/// A whole JPEG file but for its pixels, with another segment in front.
std::string jpeg(const std::string& segment) {
  return from_hex(
             "ffd8"
             "ffe000044a46")
             .value() +
         segment + from_hex("ffda0002").value();
}

// Pillow 9.4, ImageOps.exif_transpose of the rows (1, 2, 3), (4, 5, 6); OpenCV 4.6 does the same.
TEST(Exif, EveryOrientationIsShownAsPillowShowsIt) {
  const struct {
    int orientation;
    std::vector<std::uint8_t> shown;
  } cases[] = {{1, {1, 2, 3, 4, 5, 6}}, {2, {3, 2, 1, 6, 5, 4}}, {3, {6, 5, 4, 3, 2, 1}},
               {4, {4, 5, 6, 1, 2, 3}}, {5, {1, 4, 2, 5, 3, 6}}, {6, {4, 1, 5, 2, 6, 3}},
               {7, {6, 3, 5, 2, 4, 1}}, {8, {3, 6, 2, 5, 1, 4}}};
  for (const auto& [orientation, shown] : cases) {
    const Image stored{.width = 3, .height = 2, .channels = 1, .pixels = {1, 2, 3, 4, 5, 6}};
    const Image image = oriented(stored, orientation);
    EXPECT_EQ(image.pixels, shown) << orientation;
    EXPECT_EQ(image.width, orientation >= 5 ? 2 : 3) << orientation;
    EXPECT_EQ(image.height, orientation >= 5 ? 3 : 2) << orientation;
  }
}

TEST(Exif, ColoursStayTogether) {
  const Image stored{.width = 2, .height = 1, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(oriented(stored, 3).pixels, (std::vector<std::uint8_t>{4, 5, 6, 1, 2, 3}));
}

TEST(Exif, TheOrientationIsFoundInEitherByteOrder) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(exif_orientation(jpeg(app1(orientation, true))), orientation);
    EXPECT_EQ(exif_orientation(jpeg(app1(orientation, false))), orientation);
  }
}

TEST(Exif, AbsentDamagedAndUnknownOrientationsCountAsUpright) {
  EXPECT_EQ(exif_orientation(jpeg("")), kUpright);
  EXPECT_EQ(exif_orientation(jpeg(app1(0, true))), kUpright);
  EXPECT_EQ(exif_orientation(jpeg(app1(9, false))), kUpright);
  const std::string whole = jpeg(app1(6, false));
  for (std::size_t size = 0; size < whole.size() - 10; ++size)
    EXPECT_EQ(exif_orientation(whole.substr(0, size)), kUpright) << size;
  std::string elsewhere = whole;
  elsewhere[elsewhere.find("II") + 4] = '\x7f';  // the directory begins beyond the data
  EXPECT_EQ(exif_orientation(elsewhere), kUpright);
}

}  // namespace
}  // namespace millrace
