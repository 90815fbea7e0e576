#include "trainer/report/canvas.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace {
namespace {

/// The picture as text: '#' where it is not white.
std::string dots(const Canvas& canvas) {
  std::string text;
  const Image& image = canvas.image();
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x)
      text += image.pixels[static_cast<std::size_t>((y * image.width + x) * 3)] == 255 ? '.' : '#';
    text += '\n';
  }
  return text;
}

constexpr Colour kWhite{255, 255, 255};
constexpr Colour kBlack{0, 0, 0};

TEST(Canvas, DrawsTextInItsOwnFace) {
  Canvas canvas(11, 7, kWhite);
  canvas.text(0, 0, "Hi", 1, kBlack);
  EXPECT_EQ(dots(canvas),
            "#...#...#..\n"
            "#...#......\n"
            "#...#..##..\n"
            "#####...#..\n"
            "#...#...#..\n"
            "#...#...#..\n"
            "#...#..###.\n");
}

TEST(Canvas, TextMayEndAtAPlaceOrRunUpwards) {
  Canvas right(11, 7, kWhite), up(7, 11, kWhite);
  right.text(11, 0, "Hi", 1, kBlack, Align::Right);
  Canvas left(11, 7, kWhite);
  left.text(0, 0, "Hi", 1, kBlack);
  EXPECT_EQ(dots(right), dots(left));
  up.vertical_text(0, 11, "Hi", 1, kBlack);
  EXPECT_EQ(dots(up).substr(80, 8), "#######\n");  // the left stem of H, now at the bottom
}

TEST(Canvas, WhatFallsOutsideIsCutOff) {
  Canvas canvas(3, 2, kWhite);
  canvas.fill(-5, 1, 7, 100, kBlack);
  EXPECT_EQ(dots(canvas), "...\n##.\n");
}

}  // namespace
}  // namespace millrace
