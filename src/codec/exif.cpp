#include "codec/exif.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace millrace {
namespace {

constexpr unsigned kOrientationTag = 0x0112;
constexpr unsigned kShortType = 3;  ///< TIFF's 16-bit unsigned number
constexpr std::size_t kEntryBytes = 12;

/// Numbers out of foreign bytes; what lies beyond the end reads as 0.
class Reader {
 public:
  Reader(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  [[nodiscard]] unsigned byte(std::size_t at) const {
    return at < bytes_.size() ? static_cast<std::uint8_t>(bytes_[at]) : 0;
  }
  [[nodiscard]] unsigned u16(std::size_t at) const {
    return big_endian_ ? byte(at) << 8 | byte(at + 1) : byte(at + 1) << 8 | byte(at);
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    return big_endian_ ? std::uint32_t{u16(at)} << 16 | u16(at + 2)
                       : std::uint32_t{u16(at + 2)} << 16 | u16(at);
  }

 private:
  std::string_view bytes_;
  bool big_endian_;
};

/// Of EXIF data, which is a TIFF file: a header, then directories of entries of 12 bytes (TIFF 6.0,
/// section 2). The orientation stands in the first directory.
int orientation_of_tiff(std::string_view tiff) {
  const bool big_endian = tiff.starts_with(std::string_view("MM\0*", 4));
  if (!big_endian && !tiff.starts_with(std::string_view("II*\0", 4))) return kUpright;
  const Reader reader(tiff, big_endian);
  const std::size_t directory = reader.u32(4);
  const unsigned entries = reader.u16(directory);
  for (unsigned i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (entry + kEntryBytes > tiff.size()) break;
    if (reader.u16(entry) != kOrientationTag) continue;
    const unsigned value = reader.u16(entry + 8);
    const bool known = reader.u16(entry + 2) == kShortType && value >= 1 && value <= 8;
    return known ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

/// The APP1 segment before the first scan that holds EXIF data (Exif 2.3, 4.5.4).
std::string_view exif_of_jpeg(std::string_view file) {
  constexpr std::string_view kBegin("Exif\0\0", 6);
  constexpr unsigned kApp1 = 0xe1, kStartOfScan = 0xda;
  const Reader reader(file, /*big_endian=*/true);
  std::size_t at = 2;
  while (at + 4 <= file.size() && reader.byte(at) == 0xff) {
    const unsigned marker = reader.byte(at + 1);
    if (marker == 0xff) {  // a fill byte
      ++at;
      continue;
    }
    const std::size_t length = reader.u16(at + 2);
    if (marker == kStartOfScan || length < 2) break;
    const std::string_view content = file.substr(at + 4, length - 2);
    if (marker == kApp1 && content.starts_with(kBegin)) return content.substr(kBegin.size());
    at += 2 + length;
  }
  return {};
}

/// The eXIf chunk, which stands before the pixels (PNG 1.2 extensions 1.5.0).
std::string_view exif_of_png(std::string_view file) {
  constexpr std::size_t kSignature = 8, kFrame = 12;  // length, name and checksum of a chunk
  const Reader reader(file, /*big_endian=*/true);
  std::size_t at = kSignature;
  while (at + kFrame <= file.size()) {
    const std::size_t length = reader.u32(at);
    const std::string_view name = file.substr(at + 4, 4);
    if (name == "eXIf") return file.substr(at + 8, length);
    if (name == "IDAT" || name == "IEND") break;
    at += kFrame + length;
  }
  return {};
}

}  // namespace

int exif_orientation(std::string_view file) {
  return orientation_of_tiff(file.starts_with("\x89PNG") ? exif_of_png(file) : exif_of_jpeg(file));
}

Image oriented(Image image, int orientation) {
  if (orientation == kUpright) return image;
  // Row and column 0 of what is shown are these sides of what is stored.
  const bool exchanged = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image shown{.width = exchanged ? image.height : image.width,
              .height = exchanged ? image.width : image.height,
              .channels = image.channels,
              .pixels = {}};
  shown.pixels.resize(image.pixels.size());
  std::uint8_t* out = shown.pixels.data();
  for (std::int64_t y = 0; y < shown.height; ++y) {
    for (std::int64_t x = 0; x < shown.width; ++x) {
      const std::int64_t column = exchanged ? y : x, row = exchanged ? x : y;
      const std::int64_t from_x = from_right ? image.width - 1 - column : column;
      const std::int64_t from_y = from_bottom ? image.height - 1 - row : row;
      const std::uint8_t* pixel =
          image.pixels.data() + (from_y * image.width + from_x) * image.channels;
      for (std::int64_t c = 0; c < image.channels; ++c) *out++ = pixel[c];
    }
  }
  return shown;
}

}  // namespace millrace
