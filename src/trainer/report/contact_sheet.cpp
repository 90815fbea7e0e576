#include "trainer/report/contact_sheet.h"

#include <algorithm>

#include "trainer/report/palette.h"

namespace millrace {
namespace {

constexpr std::int64_t kMargin = 32;
constexpr std::int64_t kPadding = 8;
constexpr std::int64_t kColumns = 5;
constexpr std::int64_t kHeading = 64;  ///< title and the line below it

/// Lines of whatever scale take the height of scale 2, and stand at its foot.
std::int64_t line_height() {
  return Canvas::text_height(2) + 7;
}

std::int64_t tile_height(std::size_t lines) {
  return kSheetPicture + 3 * kPadding + static_cast<std::int64_t>(lines) * line_height();
}

std::int64_t tile_height(const std::vector<SheetTile>& tiles) {
  std::size_t most = 0;
  for (const SheetTile& tile : tiles) most = std::max(most, tile.lines.size());
  return tile_height(most);
}

std::string fitting(const std::string& text, std::int64_t scale, std::int64_t width) {
  if (Canvas::text_width(text, scale) <= width) return text;
  std::string cut = text;
  while (!cut.empty() && Canvas::text_width(cut + "..", scale) > width) cut.pop_back();
  return cut + "..";
}

void draw_tile(Canvas& canvas, std::int64_t left, std::int64_t top, std::int64_t height,
               const SheetTile& tile) {
  canvas.fill(left, top, kSheetTileWidth, height, palette::kWhite);
  canvas.frame(left, top, kSheetTileWidth, height, palette::kLine);
  canvas.picture(left + (kSheetTileWidth - tile.picture.width) / 2,
                 top + kPadding + (kSheetPicture - tile.picture.height) / 2, tile.picture);
  std::int64_t y = top + kSheetPicture + 2 * kPadding;
  for (const SheetTile::Line& line : tile.lines) {
    const std::int64_t foot = y + Canvas::text_height(2) - Canvas::text_height(line.scale);
    canvas.text(left + kPadding, foot,
                fitting(line.text, line.scale, kSheetTileWidth - 2 * kPadding), line.scale,
                line.colour);
    y += line_height();
  }
}

}  // namespace

std::int64_t sheet_width(std::int64_t columns) {
  return columns * (kSheetTileWidth + kSheetGap) - kSheetGap;
}

std::int64_t sheet_height(std::size_t tiles, std::size_t lines, std::int64_t columns) {
  const std::int64_t rows = (static_cast<std::int64_t>(tiles) + columns - 1) / columns;
  return rows == 0 ? 0 : rows * (tile_height(lines) + kSheetGap) - kSheetGap;
}

void draw_tiles(Canvas& canvas, std::int64_t left, std::int64_t top, std::int64_t columns,
                const std::vector<SheetTile>& tiles) {
  const std::int64_t height = tile_height(tiles);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    draw_tile(canvas, left + place % columns * (kSheetTileWidth + kSheetGap),
              top + place / columns * (height + kSheetGap), height, tiles[i]);
  }
}

Image draw_contact_sheet(const std::string& title, const std::string& below,
                         const std::vector<SheetTile>& tiles, const std::string& nothing) {
  std::size_t lines = 0;
  for (const SheetTile& tile : tiles) lines = std::max(lines, tile.lines.size());
  const std::int64_t wide =
      std::max({sheet_width(kColumns), Canvas::text_width(title, 3), Canvas::text_width(below, 2)});
  const std::int64_t content =
      tiles.empty() ? Canvas::text_height(2) : sheet_height(tiles.size(), lines, kColumns);
  Canvas canvas(wide + 2 * kMargin, 2 * kMargin + kHeading + content, palette::kPaper);
  canvas.text(kMargin, kMargin, title, 3, palette::kInk);
  canvas.text(kMargin, kMargin + 34, below, 2, palette::kQuiet);
  if (tiles.empty()) canvas.text(kMargin, kMargin + kHeading, nothing, 2, palette::kInk);
  draw_tiles(canvas, kMargin, kMargin + kHeading, kColumns, tiles);
  return canvas.image();
}

}  // namespace millrace
