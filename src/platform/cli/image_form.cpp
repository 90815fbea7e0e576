#include "platform/cli/image_form.h"

#include <algorithm>
#include <utility>

#include "codec/colors.h"
#include "codec/image.h"
#include "codec/resize.h"
#include "core/base/refuse.h"
#include "core/json/json.h"

namespace millrace::cli {
namespace {

/// libjpeg's limit, a little below that of the format.
constexpr std::int64_t kMaxEdge = 65'500;

std::string_view name_of_color(ImageForm::Color color) {
  switch (color) {
    case ImageForm::Color::Unchanged:
      return "colours unchanged";
    case ImageForm::Color::Grey:
      return "in grey";
    default:
      return "in colour";
  }
}

Image centre_square(const Image& image) {
  const std::int64_t edge = std::min(image.width, image.height);
  if (image.width == image.height) return image;
  const std::int64_t left = (image.width - edge) / 2, top = (image.height - edge) / 2;
  Image square{.width = edge, .height = edge, .channels = image.channels, .pixels = {}};
  square.pixels.reserve(static_cast<std::size_t>(edge * edge * image.channels));
  for (std::int64_t y = top; y < top + edge; ++y) {
    const auto row = image.pixels.begin() + (y * image.width + left) * image.channels;
    square.pixels.insert(square.pixels.end(), row, row + edge * image.channels);
  }
  return square;
}

std::string pixels_text(const Image& image) {
  return std::to_string(image.width) + " x " + std::to_string(image.height) + " pixels";
}

Image resized_within_limits(const Image& image, std::int64_t edge, std::string_view origin) {
  const auto [shorter, longer] = std::minmax(image.width, image.height);
  if (edge * longer / shorter <= kMaxEdge) return resized_shorter(image, edge);
  refuse(std::string(origin), pixels_text(image),
         "a longer edge of at most " + std::to_string(kMaxEdge) + " pixels with a shorter one of " +
             std::to_string(edge),
         "Leave the image out, or make --resize smaller.");
}

/// Of an image that is not resized: no thread may end a whole packing in the encoder.
void check_jpeg_edges(const Image& image, std::string_view origin) {
  if (std::max(image.width, image.height) <= kMaxEdge) return;
  refuse(std::string(origin), pixels_text(image),
         "a longer edge of at most " + std::to_string(kMaxEdge) + " pixels, as JPEG files have",
         "Leave the image out, resize it, or pack PNG: --encoding .png.");
}

bool may_be_decoded(const ImageHeader& header) {
  return header.width > 0 && header.height > 0 && header.width <= kMaxImagePixels / header.height;
}

void check_passed_through(std::string_view file, bool decode_all, std::string_view origin) {
  // A file with a readable head and the end of its kind is taken for whole; of others, and of sizes
  // that training would refuse, the decoder says what is wrong.
  const std::optional<ImageHeader> header = read_image_header(file);
  if (!decode_all && header && may_be_decoded(*header) && reaches_its_end(file)) return;
  (void)decode_image(file, origin);
}

}  // namespace

Json to_json(const ImageForm& form) {
  return {{"pass-through", form.pass_through},
          {"verify", form.decode_all},
          {"center-crop", form.center_crop},
          {"resize", form.resize.value_or(0)},
          {"color", static_cast<int>(form.color)},
          {"encoding", std::string(name_of(form.encoding))},
          {"quality", form.quality}};
}

std::string describe(const ImageForm& form) {
  if (form.pass_through) {
    return form.decode_all ? "bytes unchanged, decoded to see that they are whole"
                           : "bytes unchanged";
  }
  std::string text = "decoded, ";
  if (form.center_crop) text += "cropped to the square around the centre, ";
  if (form.resize) text += "shorter edge " + std::to_string(*form.resize) + " pixels, ";
  text += std::string(name_of_color(form.color));
  return text + (form.encoding == ImageFormat::Jpeg ? ", JPEG of quality " : ", PNG of level ") +
         std::to_string(form.quality);
}

std::string in_form(std::string file, const ImageForm& form, std::string_view origin) {
  if (form.pass_through) {
    check_passed_through(file, form.decode_all, origin);
    return file;
  }
  Image image = decode_image(file, origin);
  if (form.color == ImageForm::Color::Grey) image = in_grey(std::move(image));
  if (form.center_crop) image = centre_square(image);
  if (form.resize) image = resized_within_limits(image, *form.resize, origin);
  if (form.color == ImageForm::Color::Color) image = in_color(std::move(image));
  if (form.encoding == ImageFormat::Jpeg) check_jpeg_edges(image, origin);
  const int quality = static_cast<int>(form.quality);
  return form.encoding == ImageFormat::Jpeg ? encode_jpeg(image, quality, Chroma::Quarter)
                                            : encode_png(image, quality);
}

}  // namespace millrace::cli
