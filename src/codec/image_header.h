#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace {

enum class ImageFormat { Jpeg, Png };

/// "jpeg" or "png".
std::string_view name_of(ImageFormat format);

/// By the signature that the bytes begin with; nullopt for another. (T.81, B.1.1.2; PNG 1.2, 3.1.)
std::optional<ImageFormat> image_format_of(std::string_view bytes);

/// What an image file says of itself before its pixels.
struct ImageHeader {
  ImageFormat format = ImageFormat::Jpeg;
  std::int64_t width = 0;  ///< as stored: an EXIF orientation may exchange it with the height
  std::int64_t height = 0;
  std::int64_t channels = 0;  ///< of a JPEG its components; of a PNG with its alpha, a palette is 3
};

/// Reads as far as the size stands and decodes nothing; works in builds without decoders. nullopt
/// for bytes that are neither JPEG nor PNG, or end before it. (ITU-T T.81, B.2.2; PNG 1.2, 11.2.2.)
std::optional<ImageHeader> read_image_header(std::string_view bytes);

/// Whether the file has the marker that ends its kind, behind its header: one that was cut off has
/// not. Damage between is not seen.
bool reaches_its_end(std::string_view bytes);

}  // namespace millrace
