#pragma once

#include <cstdint>
#include <vector>

#include "trainer/convnet/blocked.h"

namespace millrace {

/// The largest value of every square window; what lies outside of the map counts for nothing. A
/// window's gradient goes to the first place that held its largest value.
class MaxPool {
 public:
  MaxPool(const BlockedShape& input, std::int64_t kernel, std::int64_t stride, std::int64_t pad);

  [[nodiscard]] const BlockedShape& output() const { return output_; }
  /// With `remember`, input_gradient() may follow.
  void forward(const float* x, float* y, bool remember);
  /// Of the last forward() that remembered.
  void input_gradient(const float* dy, float* dx) const;

 private:
  BlockedShape input_, output_;
  std::int64_t kernel_, stride_, pad_;
  std::vector<std::int32_t> places_;  ///< beside the output: the pixel of the map that is largest
};

/// y[image][channel], plain, is the mean of a map.
void average_maps(const BlockedShape& shape, const float* x, float* y);
void average_maps_gradient(const BlockedShape& shape, const float* dy, float* dx);

}  // namespace millrace
