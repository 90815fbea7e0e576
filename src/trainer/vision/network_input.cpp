#include "trainer/vision/network_input.h"

#include <algorithm>

#include "codec/colors.h"
#include "codec/resize.h"
#include "core/base/error.h"
#include "trainer/vision/affine.h"
#include "trainer/vision/color_jitter.h"
#include "trainer/vision/random_stream.h"
#include "trainer/vision/transform.h"

namespace millrace {
namespace {

constexpr std::int64_t kMaxResizedEdge = 32'768;

std::string size_text(const Image& image) {
  return "an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
         " pixels (width x height)";
}

}  // namespace

Image prepared_image(std::string_view bytes, const std::string& name,
                     const LoaderOptions& options) {
  Image image = decode_image(bytes, name);
  if (options.resize) {
    // One pixel by a million is a small file and would be a huge image.
    const auto [shorter, longer] = std::minmax(image.width, image.height);
    if (*options.resize * longer / shorter > kMaxResizedEdge) {
      throw Error(
          Blame::Customer,
          Problem{.where = name,
                  .given = size_text(image),
                  .expected = "a longer edge of at most " + std::to_string(kMaxResizedEdge) +
                              " pixels after resizing the shorter one to " +
                              std::to_string(*options.resize),
                  .fix = "Leave the image out, or make 'resize' smaller."});
    }
    image = resized_shorter(image, *options.resize);
  }
  if (image.width >= options.width && image.height >= options.height) return image;
  throw Error(Blame::Customer,
              Problem{.where = name,
                      .given = size_text(image),
                      .expected = "at least " + std::to_string(options.width) + " x " +
                                  std::to_string(options.height) + ", the image_shape",
                      .fix = "Set 'resize', make image_shape smaller, or leave the image out."});
}

std::optional<Image> prepared_unless_broken(std::string_view bytes, std::int64_t number,
                                            const std::string& name, const LoaderOptions& options,
                                            std::vector<BrokenImage>& broken) {
  try {
    return prepared_image(bytes, name, options);
  } catch (const Error& error) {
    if (options.broken == nullptr || error.code() != kDamagedImage) throw;
    // The message begins with the name.
    broken.push_back({.number = number,
                      .name = name,
                      .reason = std::string(error.what()).substr(name.size() + 2)});
    return std::nullopt;
  }
}

void write_input(const Image& image, const LoaderOptions& options, std::int64_t epoch,
                 std::int64_t number, float* out) {
  Window window{.left = (image.width - options.width) / 2,
                .top = (image.height - options.height) / 2,
                .width = options.width,
                .height = options.height};
  if (options.augmentation == Augmentation::None)
    return write_pixels(image, window, options.channels, out);
  // Item 0 of an epoch is its order.
  RandomStream random(options.seed, static_cast<std::uint64_t>(epoch),
                      static_cast<std::uint64_t>(number) + 1);
  window.left = random.below(image.width - options.width + 1);
  window.top = random.below(image.height - options.height + 1);
  window.mirrored = random.below(2) == 1;
  if (options.augmentation == Augmentation::Crop)
    return write_pixels(image, window, options.channels, out);
  const Affine affine =
      options.augmentation == Augmentation::CropColorTransform ? draw_affine(random) : Affine{};
  Image varied = in_color(transformed(image, affine, window));
  shift_colors(varied, draw_color_shift(random));
  write_pixels(varied,
               {.width = window.width, .height = window.height, .mirrored = window.mirrored},
               options.channels, out);
}

}  // namespace millrace
