#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace millrace::console {

/// Where a thumbnail lies in an atlas; nothing where the picture could not be read.
struct AtlasPlace {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

struct Atlas {
  std::string jpeg;  ///< thumbnails in rows of ten, each in the upper left of its square
  std::vector<AtlasPlace> places;
};

/// The bytes of the picture with this number; empty for one that cannot be had. Called by several
/// threads at once.
using Picture = std::function<std::string(std::size_t number)>;

/// Thumbnails of `count` pictures, each shrunk to fit `edge` x `edge`, in one JPEG: a grid of
/// pictures so costs one request.
Atlas make_atlas(std::size_t count, std::int64_t edge, const Picture& picture);

}  // namespace millrace::console
