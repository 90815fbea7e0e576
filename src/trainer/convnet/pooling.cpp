#include "trainer/convnet/pooling.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "trainer/convnet/for_each_cpu.h"
#include "trainer/convnet/tiles.h"

namespace millrace {
namespace {

using Places = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t)), may_alias));

/// The places of a window that are in a map.
struct Window {
  std::int64_t top, bottom, left, right;
};

/// One window of one map: the largest value of each lane and its pixel.
MILLRACE_FOR_EACH_CPU void largest(const float* map, std::int64_t width, const Window& window,
                                   float* value, std::int32_t* place) {
  const auto* pixels = reinterpret_cast<const Lanes*>(map);
  Lanes best = pixels[window.top * width + window.left];
  Places where = Places{} + static_cast<std::int32_t>(window.top * width + window.left);
  for (std::int64_t y = window.top; y < window.bottom; ++y) {
    for (std::int64_t x = window.left; x < window.right; ++x) {
      const Lanes candidate = pixels[y * width + x];
      const Places larger = candidate > best;
      best = larger ? candidate : best;
      where = larger ? Places{} + static_cast<std::int32_t>(y * width + x) : where;
    }
  }
  std::memcpy(value, &best, sizeof best);
  if (place != nullptr) std::memcpy(place, &where, sizeof where);
}

}  // namespace

MaxPool::MaxPool(const BlockedShape& input, std::int64_t kernel, std::int64_t stride,
                 std::int64_t pad)
    : input_(input), output_(input), kernel_(kernel), stride_(stride), pad_(pad) {
  output_.height = (input.height + 2 * pad - kernel) / stride + 1;
  output_.width = (input.width + 2 * pad - kernel) / stride + 1;
}

void MaxPool::forward(const float* x, float* y, bool remember) {
  if (remember) places_.resize(static_cast<std::size_t>(output_.size()));
  const std::int64_t rows = output_.count * output_.groups() * output_.height;
  at::parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* map = x + row / output_.height * input_.pixels() * kLanes;
      const std::int64_t top = row % output_.height * stride_ - pad_;
      for (std::int64_t column = 0; column < output_.width; ++column) {
        const std::int64_t left = column * stride_ - pad_;
        const std::int64_t at = (row * output_.width + column) * kLanes;
        largest(map, input_.width,
                {.top = std::max<std::int64_t>(top, 0),
                 .bottom = std::min(top + kernel_, input_.height),
                 .left = std::max<std::int64_t>(left, 0),
                 .right = std::min(left + kernel_, input_.width)},
                y + at, remember ? &places_[static_cast<std::size_t>(at)] : nullptr);
      }
    }
  });
}

void MaxPool::input_gradient(const float* dy, float* dx) const {
  // Windows overlap, so a map is one thread's.
  at::parallel_for(0, input_.count * input_.groups(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t map = begin; map < end; ++map) {
      float* to = dx + map * input_.pixels() * kLanes;
      std::fill_n(to, input_.pixels() * kLanes, 0.0F);
      const std::int64_t first = map * output_.pixels() * kLanes;
      for (std::int64_t i = 0; i < output_.pixels() * kLanes; ++i)
        to[places_[static_cast<std::size_t>(first + i)] * kLanes + i % kLanes] += dy[first + i];
    }
  });
}

void average_maps(const BlockedShape& shape, const float* x, float* y) {
  at::parallel_for(0, shape.count * shape.groups(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t map = begin; map < end; ++map) {
      const auto* pixels = reinterpret_cast<const Lanes*>(x) + map * shape.pixels();
      Lanes sum = {};
      for (std::int64_t p = 0; p < shape.pixels(); ++p) sum += pixels[p];
      sum /= static_cast<float>(shape.pixels());
      std::memcpy(y + map * kLanes, &sum, sizeof sum);
    }
  });
}

void average_maps_gradient(const BlockedShape& shape, const float* dy, float* dx) {
  at::parallel_for(0, shape.count * shape.groups(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t map = begin; map < end; ++map) {
      auto* pixels = reinterpret_cast<Lanes*>(dx) + map * shape.pixels();
      Lanes share;
      std::memcpy(&share, dy + map * kLanes, sizeof share);
      share /= static_cast<float>(shape.pixels());
      for (std::int64_t p = 0; p < shape.pixels(); ++p) pixels[p] = share;
    }
  });
}

}  // namespace millrace
