#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/image_header.h"
#include "core/json/json_fwd.h"

namespace millrace::cli {

/// What an image becomes before it is packed; the meanings are those of im2rec's options.
struct ImageForm {
  enum class Color {
    Unchanged,  ///< grey files stay grey
    Grey,
    Color,
  };

  bool pass_through = false;           ///< the file's bytes; all but `decode_all` is left aside
  bool decode_all = false;             ///< look into every pixel even where they are not changed
  bool center_crop = false;            ///< the largest square around the centre, before resizing
  std::optional<std::int64_t> resize;  ///< pixels of the shorter edge
  Color color = Color::Color;
  ImageFormat encoding = ImageFormat::Jpeg;
  std::int64_t quality = 95;  ///< of a JPEG, 1 to 100; of a PNG zlib's level, 0 to 9
};

/// The form's members, by which two forms can be compared.
Json to_json(const ImageForm& form);
/// "decoded, cropped to the square around the centre, shorter edge 256 pixels, in colour, JPEG of
/// quality 95".
std::string describe(const ImageForm& form);

/// A JPEG or PNG file in that form; which thread makes it changes nothing. Throws Error(Customer)
/// "<origin>: ..." for bytes that are neither or are damaged, and for an image that is longer than
/// JPEG files can be, or becomes so by resizing.
std::string in_form(std::string file, const ImageForm& form, std::string_view origin);

}  // namespace millrace::cli
