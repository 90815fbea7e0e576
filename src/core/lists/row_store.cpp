#include "core/lists/row_store.h"

#include <algorithm>

namespace millrace::lists {

std::span<const float> RowStore::keep(std::span<const float> labels) {
  constexpr std::size_t kBlock = 16 * 1024;
  if (labels.size() > left_) {
    left_ = std::max(kBlock, labels.size());
    next_ = blocks_.emplace_back(std::make_unique<float[]>(left_)).get();
  }
  const std::span<float> kept(next_, labels.size());
  std::copy(labels.begin(), labels.end(), kept.begin());
  next_ += labels.size();
  left_ -= labels.size();
  return kept;
}

}  // namespace millrace::lists
