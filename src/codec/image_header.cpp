#include "codec/image_header.h"

#include <cstddef>

namespace millrace {
namespace {

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}
std::uint32_t big16(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}
std::uint32_t big32(std::string_view bytes, std::size_t at) {
  return big16(bytes, at) << 16 | big16(bytes, at + 2);
}

/// 0xc0 to 0xcf begin a frame, but for the tables among them.
bool begins_frame(std::uint32_t marker) {
  constexpr std::uint32_t kHuffmanTables = 0xc4, kReserved = 0xc8, kArithmeticTables = 0xcc;
  return marker >= 0xc0 && marker <= 0xcf && marker != kHuffmanTables && marker != kReserved &&
         marker != kArithmeticTables;
}

/// Markers that stand alone, without a length behind them.
bool stands_alone(std::uint32_t marker) {
  return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/// Where the content of the frame header begins: precision, height, width, components.
std::optional<std::size_t> find_frame(std::string_view jpeg) {
  constexpr std::uint32_t kStartOfScan = 0xda, kEnd = 0xd9;
  constexpr std::size_t kFrameBytes = 6;
  std::size_t at = 2;
  while (at + 2 <= jpeg.size()) {
    if (byte_at(jpeg, at) != 0xff) return std::nullopt;
    const std::uint32_t marker = byte_at(jpeg, at + 1);
    if (marker == 0xff) {  // fill bytes may stand before a marker
      ++at;
      continue;
    }
    at += 2;
    if (stands_alone(marker)) continue;
    if (marker == kStartOfScan || marker == kEnd || at + 2 > jpeg.size()) return std::nullopt;
    const std::size_t length = big16(jpeg, at);
    if (length < 2) return std::nullopt;
    if (begins_frame(marker)) {
      if (at + 2 + kFrameBytes > jpeg.size()) return std::nullopt;
      return at + 2;
    }
    at += length;
  }
  return std::nullopt;
}

std::optional<ImageHeader> jpeg_header(std::string_view bytes) {
  const std::optional<std::size_t> frame = find_frame(bytes);
  if (!frame) return std::nullopt;
  return ImageHeader{.format = ImageFormat::Jpeg,
                     .width = big16(bytes, *frame + 3),
                     .height = big16(bytes, *frame + 1),
                     .channels = byte_at(bytes, *frame + 5)};
}

std::int64_t png_channels(std::uint32_t colour_type) {
  switch (colour_type) {
    case 0:
      return 1;
    case 4:
      return 2;
    case 6:
      return 4;
    default:
      return 3;
  }
}

std::optional<ImageHeader> png_header(std::string_view bytes) {
  constexpr std::size_t kHeader = 16, kNeeded = 26;
  if (bytes.size() < kNeeded || bytes.substr(12, 4) != "IHDR") return std::nullopt;
  return ImageHeader{.format = ImageFormat::Png,
                     .width = big32(bytes, kHeader),
                     .height = big32(bytes, kHeader + 4),
                     .channels = png_channels(byte_at(bytes, kHeader + 9))};
}

}  // namespace

std::string_view name_of(ImageFormat format) {
  return format == ImageFormat::Jpeg ? "jpeg" : "png";
}

std::optional<ImageFormat> image_format_of(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return ImageFormat::Jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return ImageFormat::Png;
  return std::nullopt;
}

std::optional<ImageHeader> read_image_header(std::string_view bytes) {
  const std::optional<ImageFormat> format = image_format_of(bytes);
  if (!format) return std::nullopt;
  return *format == ImageFormat::Jpeg ? jpeg_header(bytes) : png_header(bytes);
}

bool reaches_its_end(std::string_view bytes) {
  if (image_format_of(bytes) == ImageFormat::Jpeg) {
    // Before the frame a thumbnail may have an end of its own; in the pixels the marker's first
    // byte is always followed by a zero (T.81, F.1.2.3).
    const std::optional<std::size_t> frame = find_frame(bytes);
    const std::size_t end = bytes.rfind("\xff\xd9");
    return frame && end != std::string_view::npos && end > *frame;
  }
  return png_header(bytes).has_value() && bytes.rfind("IEND") != std::string_view::npos;
}

}  // namespace millrace
