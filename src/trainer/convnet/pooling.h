#pragma once

#include <cstddef>
#include <memory>

#include "trainer/convnet/blocked.h"

namespace millrace {

/// The largest value of every square window. A window's gradient goes to the first place that held
/// it.
class MaxPool {
 public:
  MaxPool(const BlockedShape& input, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
          bool training);
  ~MaxPool();
  MaxPool(MaxPool&&) noexcept;
  MaxPool& operator=(MaxPool&&) noexcept;

  [[nodiscard]] const BlockedShape& output() const;
  void forward(const float* x, float* y);
  /// Of the last forward().
  void input_gradient(const float* dy, float* dx) const;

 private:
  struct Primitives;
  std::unique_ptr<Primitives> primitives_;
};

/// y[image][channel], plain, is the mean of a map.
void average_maps(const BlockedShape& shape, const float* x, float* y);
void average_maps_gradient(const BlockedShape& shape, const float* dy, float* dx);

}  // namespace millrace
