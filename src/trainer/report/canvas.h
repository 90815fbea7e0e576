#pragma once

#include <cstdint>
#include <string_view>

#include "codec/image.h"

namespace millrace {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

enum class Align { Left, Centre, Right };

/// A picture to draw simple reports on: rectangles, pictures and text in one built-in face of 5 by
/// 7 dots, ASCII only (other bytes show as '?'). What falls outside is cut off.
class Canvas {
 public:
  Canvas(std::int64_t width, std::int64_t height, Colour background);

  void fill(std::int64_t left, std::int64_t top, std::int64_t width, std::int64_t height,
            Colour colour);
  /// One pixel wide, inside the rectangle.
  void frame(std::int64_t left, std::int64_t top, std::int64_t width, std::int64_t height,
             Colour colour);
  /// `left` is the text's left end, middle or right end; `scale` the size of a dot in pixels.
  void text(std::int64_t left, std::int64_t top, std::string_view text, std::int64_t scale,
            Colour colour, Align align = Align::Left);
  /// From bottom to top: `bottom` is where the text begins, `left` its upper edge.
  void vertical_text(std::int64_t left, std::int64_t bottom, std::string_view text,
                     std::int64_t scale, Colour colour);
  /// The image at its own size.
  void picture(std::int64_t left, std::int64_t top, const Image& image);

  static std::int64_t text_width(std::string_view text, std::int64_t scale);
  static std::int64_t text_height(std::int64_t scale) { return 7 * scale; }

  [[nodiscard]] const Image& image() const { return image_; }

 private:
  Image image_;
};

}  // namespace millrace
