#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::lists {

/// Keeps texts and labels in place, so that rows can be views of them: a list of a hundred thousand
/// rows is a handful of blocks instead of three allocations a row.
class RowStore {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::span<const float> keep(std::span<const float> labels);

 private:
  std::deque<std::string> texts_;
  std::vector<std::unique_ptr<float[]>> blocks_;
  std::size_t left_ = 0;  ///< of the last block
  float* next_ = nullptr;
};

}  // namespace millrace::lists
