#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codec/image.h"
#include "trainer/report/canvas.h"

namespace millrace {

/// One picture of a contact sheet with what is written below it.
struct SheetTile {
  struct Line {
    std::string text;  ///< cut where the tile ends
    Colour colour;
    std::int64_t scale = 2;  ///< of Canvas::text
  };
  Image picture;  ///< at most kSheetPicture pixels in either direction
  std::vector<Line> lines;
};

inline constexpr std::int64_t kSheetPicture = 112;
inline constexpr std::int64_t kSheetTileWidth = 196;
inline constexpr std::int64_t kSheetGap = 12;

/// Width and height that so many tiles with so many lines each take in `columns` columns.
std::int64_t sheet_width(std::int64_t columns);
std::int64_t sheet_height(std::size_t tiles, std::size_t lines, std::int64_t columns);

/// Draws the tiles row by row, the first at `left`, `top`.
void draw_tiles(Canvas& canvas, std::int64_t left, std::int64_t top, std::int64_t columns,
                const std::vector<SheetTile>& tiles);

/// A page of its own: title, a line below it, the tiles; `nothing` where there are none.
Image draw_contact_sheet(const std::string& title, const std::string& below,
                         const std::vector<SheetTile>& tiles, const std::string& nothing);

}  // namespace millrace
