#include "platform/console/preview/atlas.h"

#include <algorithm>

#include "codec/image_header.h"
#include "codec/shrink.h"
#include "core/base/error.h"
#include "core/base/for_each_on.h"
#include "core/base/turns.h"
#include "core/contract/cpu_environment.h"

namespace millrace::console {
namespace {

constexpr std::size_t kColumns = 10;
constexpr int kQuality = 80;
constexpr int kMaxThreads = 4;

/// Larger pictures show as a gap: a progressive JPEG takes six bytes a pixel before it is small.
constexpr std::int64_t kMaxPixels = 128'000'000;
/// Of larger ones one is decoded at a time.
constexpr std::int64_t kLargePixels = 16'000'000;

/// Nothing for bytes that are no picture, or too large a one.
Image thumbnail(const std::string& bytes, std::int64_t edge) {
  static Turns large(1);
  const auto header = read_image_header(bytes);
  if (!header || header->width > kMaxPixels / std::max<std::int64_t>(header->height, 1)) return {};
  try {
    if (header->width * header->height > kLargePixels) {
      const Turns::Turn turn(large);
      return decode_shrunk(bytes, edge, "picture");
    }
    return decode_shrunk(bytes, edge, "picture");
  } catch (const Error&) {
    return {};  // damaged: the grid shows a gap
  }
}

void paint(Image& canvas, const Image& image, const AtlasPlace& place) {
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) {
      const auto from = static_cast<std::size_t>((y * image.width + x) * image.channels);
      const auto to = static_cast<std::size_t>(((place.y + y) * canvas.width + place.x + x) * 3);
      for (std::size_t c = 0; c < 3; ++c)
        canvas.pixels[to + c] = image.pixels[from + (image.channels == 3 ? c : 0)];
    }
  }
}

}  // namespace

Atlas make_atlas(std::size_t count, std::int64_t edge, const Picture& picture) {
  std::vector<Image> thumbnails(count);
  for_each_on(std::min(available_cpus(), kMaxThreads), count,
              [&](std::size_t number) { thumbnails[number] = thumbnail(picture(number), edge); });
  Atlas atlas;
  if (count == 0) return atlas;
  const auto rows = static_cast<std::int64_t>((count + kColumns - 1) / kColumns);
  Image canvas{.width = edge * static_cast<std::int64_t>(std::min(count, kColumns)),
               .height = edge * rows,
               .channels = 3,
               .pixels = {}};
  canvas.pixels.assign(static_cast<std::size_t>(canvas.width * canvas.height * 3), 0xff);
  for (std::size_t i = 0; i < count; ++i) {
    const AtlasPlace place{.x = edge * static_cast<std::int64_t>(i % kColumns),
                           .y = edge * static_cast<std::int64_t>(i / kColumns),
                           .width = thumbnails[i].width,
                           .height = thumbnails[i].height};
    paint(canvas, thumbnails[i], place);
    atlas.places.push_back(place);
  }
  atlas.jpeg = encode_jpeg(canvas, kQuality, Chroma::Quarter);
  return atlas;
}

}  // namespace millrace::console
