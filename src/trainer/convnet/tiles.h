#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "trainer/convnet/blocked.h"

namespace millrace {

/// One pixel's 16 channels.
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)), may_alias));

/// A run of pixels of one image and one block of channels: what one thread works on at a time.
/// Tiles, not threads, bound the sums, so any number of threads adds the same numbers in the same
/// order.
struct Tile {
  std::int64_t first = 0;  ///< its first float
  std::int64_t pixels = 0;
  std::int64_t channel = 0;  ///< its first channel
  std::int64_t number = 0;
};

inline constexpr std::int64_t kTilePixels = 1024;

inline std::int64_t tiles_per_map(const BlockedShape& shape) {
  return (shape.pixels() + kTilePixels - 1) / kTilePixels;
}
inline std::int64_t tile_count(const BlockedShape& shape) {
  return shape.count * shape.groups() * tiles_per_map(shape);
}

/// Calls use(tile) for every tile, on several threads.
template <class Use>
void for_tiles(const BlockedShape& shape, const Use& use) {
  const std::int64_t per_map = tiles_per_map(shape);
  at::parallel_for(0, tile_count(shape), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t number = begin; number < end; ++number) {
      const std::int64_t map = number / per_map, pixel = number % per_map * kTilePixels;
      use(Tile{.first = (map * shape.pixels() + pixel) * kLanes,
               .pixels = std::min(kTilePixels, shape.pixels() - pixel),
               .channel = map % shape.groups() * kLanes,
               .number = number});
    }
  });
}

/// Two sums for every channel, first all of one kind and then all of the other: add(tile, sums)
/// puts a tile's in float [2, 16].
template <class Add>
std::vector<double> summed(const BlockedShape& shape, const Add& add) {
  std::vector<float> partial(static_cast<std::size_t>(tile_count(shape) * 2 * kLanes));
  for_tiles(shape, [&](const Tile& tile) {
    add(tile, &partial[static_cast<std::size_t>(tile.number * 2 * kLanes)]);
  });
  std::vector<double> total(static_cast<std::size_t>(2 * shape.channels), 0.0);
  const std::int64_t per_map = tiles_per_map(shape);
  for (std::int64_t number = 0; number < tile_count(shape); ++number) {
    const std::int64_t channel = number / per_map % shape.groups() * kLanes;
    for (std::int64_t k = 0; k < 2 * kLanes; ++k) {
      const std::int64_t to = k / kLanes * shape.channels + channel + k % kLanes;
      total[static_cast<std::size_t>(to)] +=
          static_cast<double>(partial[static_cast<std::size_t>(number * 2 * kLanes + k)]);
    }
  }
  return total;
}

}  // namespace millrace
