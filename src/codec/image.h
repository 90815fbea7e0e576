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

/// A JPEG or PNG file as pixels: grey files give one channel, all others three; transparency is
/// laid over black and 16 bits become 8, without change of brightness where the file does not ask
/// for one.
///
/// Throws Error(Customer) "<origin>: ..." for bytes that are neither, for a file that is damaged or
/// cut off, and where this build lacks the decoder.
Image decode_image(std::string_view bytes, std::string_view origin);

/// Whether this build reads and writes PNG, and JPEG.
bool has_png();
bool has_jpeg();
/// PNG file bytes. Throws Error(Platform) where this build has no PNG encoder.
std::string encode_png(const Image& image);
/// JPEG file bytes at `quality` 1..100, without chroma subsampling. Throws Error(Platform) without
/// an encoder.
std::string encode_jpeg(const Image& image, int quality);

}  // namespace millrace
