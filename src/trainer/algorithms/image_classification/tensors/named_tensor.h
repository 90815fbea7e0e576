#pragma once

#include <torch/types.h>

#include <string>
#include <utility>

#include "core/data/ndarray_list.h"

namespace millrace::image_classification {

/// A copy of a float tensor, on whatever device, in row-major order.
inline NamedArray to_array(std::string name, const torch::Tensor& tensor) {
  const torch::Tensor value = tensor.detach().to(torch::kCPU).contiguous();
  const auto* begin = value.data_ptr<float>();
  return {.name = std::move(name),
          .shape = value.sizes().vec(),
          .values = {begin, begin + value.numel()}};
}

/// A view, valid as long as the array.
inline torch::Tensor to_tensor(const NamedArray& array) {
  return torch::from_blob(const_cast<float*>(array.values.data()), array.shape);
}

}  // namespace millrace::image_classification
