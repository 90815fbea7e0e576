#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/image.h"
#include "trainer/vision/broken_images.h"
#include "trainer/vision/image_batches.h"

namespace millrace {

/// An encoded image up to what does not change from epoch to epoch: decoded, its shorter edge
/// resized. Throws Error(Customer) naming `name` when it cannot be decoded, is smaller than the
/// network's input or so long that resizing it would take a gigabyte.
Image prepared_image(std::string_view bytes, const std::string& name, const LoaderOptions& options);

/// The same, but where options.broken is set nullopt for an image that cannot be decoded, which
/// goes to `broken`. `number` is its place in the data.
std::optional<Image> prepared_unless_broken(std::string_view bytes, std::int64_t number,
                                            const std::string& name, const LoaderOptions& options,
                                            std::vector<BrokenImage>& broken);

/// Varies a prepared image as the options say and crops it to float [height, width, channels] at
/// `out`. The draws follow from seed, epoch and `number`, the image's place in the data.
void write_input(const Image& image, const LoaderOptions& options, std::int64_t epoch,
                 std::int64_t number, float* out);

}  // namespace millrace
