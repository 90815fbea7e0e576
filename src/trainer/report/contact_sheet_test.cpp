#include "trainer/report/contact_sheet.h"

#include <gtest/gtest.h>

#include <utility>

namespace millrace {
namespace {

constexpr Colour kRed{255, 0, 0};

Image red_square(std::int64_t edge) {
  Image image{.width = edge, .height = edge, .channels = 3, .pixels = {}};
  for (std::int64_t i = 0; i < edge * edge; ++i)
    image.pixels.insert(image.pixels.end(), {255, 0, 0});
  return image;
}

std::int64_t red_pixels(const Image& image) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3) {
    count += image.pixels[i] == 255 && image.pixels[i + 1] == 0 && image.pixels[i + 2] == 0 ? 1 : 0;
  }
  return count;
}

TEST(ContactSheet, HoldsEveryPictureWhole) {
  const std::vector<SheetTile> tiles(7, {.picture = red_square(40), .lines = {}});
  EXPECT_EQ(red_pixels(draw_contact_sheet("t", "b", tiles, "none")), 7 * 40 * 40);
}

TEST(ContactSheet, GrowsByRows) {
  const std::vector<SheetTile> five(5, {.picture = red_square(40), .lines = {}});
  const std::vector<SheetTile> six(6, {.picture = red_square(40), .lines = {}});
  const Image one_row = draw_contact_sheet("t", "b", five, "none"),
              two_rows = draw_contact_sheet("t", "b", six, "none");
  EXPECT_EQ(one_row.width, two_rows.width);
  EXPECT_EQ(two_rows.height - one_row.height, sheet_height(6, 0, 5) - sheet_height(5, 0, 5));
}

TEST(ContactSheet, ALongNameStaysInsideItsTile) {
  const SheetTile tile{.picture = red_square(1),
                       .lines = {{.text = std::string(200, 'W'), .colour = kRed, .scale = 2}}};
  Canvas canvas(3 * kSheetTileWidth, 400, {0, 0, 0});
  draw_tiles(canvas, 0, 0, 1, {tile});
  const Image& image = canvas.image();
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = kSheetTileWidth; x < image.width; ++x)
      ASSERT_EQ(image.pixels[static_cast<std::size_t>((y * image.width + x) * 3)], 0) << x;
  }
}

/// The first and the last row of red below the picture's place.
std::pair<std::int64_t, std::int64_t> rows_of_text(std::int64_t scale) {
  const SheetTile tile{.picture = {.width = 0, .height = 0, .channels = 3, .pixels = {}},
                       .lines = {{.text = "H", .colour = kRed, .scale = scale}}};
  Canvas canvas(kSheetTileWidth, 300, {0, 0, 0});
  draw_tiles(canvas, 0, 0, 1, {tile});
  const Image& image = canvas.image();
  std::int64_t first = -1, last = -1;
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) {
      const std::uint8_t* pixel =
          &image.pixels[static_cast<std::size_t>((y * image.width + x) * 3)];
      if (pixel[0] != 255 || pixel[1] != 0) continue;
      if (first < 0) first = y;
      last = y;
    }
  }
  return {first, last};
}

TEST(ContactSheet, SmallTextStandsAtTheFootOfItsLine) {
  const auto [large_top, large_foot] = rows_of_text(2);
  const auto [small_top, small_foot] = rows_of_text(1);
  EXPECT_EQ(small_foot, large_foot);
  EXPECT_EQ(small_top, large_foot - 6);
}

}  // namespace
}  // namespace millrace
