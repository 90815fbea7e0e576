#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Pixels in memory: rows from top to bottom, channels interleaved, 8 bits each.
struct Image {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t channels = 0;         ///< 1 (grey) or 3 (red, green, blue)
  std::vector<std::uint8_t> pixels;  ///< [height, width, channels]
};

/// Whether the bytes begin as a JPEG or PNG file does.
bool is_jpeg_or_png(std::string_view bytes);

/// Larger pictures are refused before memory is taken for them.
inline constexpr std::int64_t kMaxImagePixels = std::int64_t{1} << 27;

/// Code of the Error for an image that cannot be decoded, by which a caller tells it from what
/// ends every image alike, such as a missing decoder.
inline constexpr std::string_view kDamagedImage = "DamagedImage";

/// A JPEG or PNG file as pixels, upright as its EXIF data tells: grey files give one channel, all
/// others three. As OpenCV reads it in colour (imdecode with IMREAD_COLOR), which the original
/// decodes with: an alpha channel is dropped, of 16 bits the upper 8 are kept, inks (CMYK, YCCK)
/// become colours, and gamma and colour profiles have no say.
///
/// Throws Error(Customer) "<origin>: ...", with code kDamagedImage for bytes that are neither, for
/// a file that is damaged or cut off and for one of more than kMaxImagePixels; without it where
/// this build lacks the decoder.
Image decode_image(std::string_view bytes, std::string_view origin);

/// Whether this build reads and writes JPEG.
bool has_jpeg();
/// Whether this build reads and writes PNG.
bool has_png();
/// zlib's levels: 0 stores, 9 tries longest.
inline constexpr int kPngCompression = 6;
/// PNG file bytes. Throws Error(Platform) where this build has no PNG encoder.
std::string encode_png(const Image& image, int compression = kPngCompression);

/// How many samples of colour a JPEG keeps.
enum class Chroma {
  Whole,    ///< one for each pixel (4:4:4)
  Quarter,  ///< one for two by two pixels (4:2:0), as most programs write
};
/// JPEG file bytes at `quality` 1..100. Throws Error(Platform) without an encoder.
std::string encode_jpeg(const Image& image, int quality, Chroma chroma = Chroma::Whole);

}  // namespace millrace
