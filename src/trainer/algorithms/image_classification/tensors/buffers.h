#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <vector>

namespace millrace::image_classification {

/// Memory for values that live for a part of a step: what one gives back, the next may take. All of
/// it goes with the object.
class Buffers {
 public:
  float* take(std::int64_t size) {
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (sizes_[*it] >= size && (best == free_.end() || sizes_[*it] < sizes_[*best])) best = it;
    }
    if (best != free_.end()) {
      float* buffer = *best;
      free_.erase(best);
      return buffer;
    }
    owned_.push_back(torch::empty({size}));
    auto* buffer = owned_.back().data_ptr<float>();
    sizes_[buffer] = size;
    return buffer;
  }
  void give(float* buffer) { free_.push_back(buffer); }

 private:
  std::vector<torch::Tensor> owned_;
  std::map<float*, std::int64_t> sizes_;
  std::vector<float*> free_;
};

}  // namespace millrace::image_classification
