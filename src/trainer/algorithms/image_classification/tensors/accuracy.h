#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "trainer/job/log.h"

namespace millrace::image_classification {

/// Counts right answers, and answers among the k likeliest. Of multi-label images each class is an
/// answer: right where its probability is above a half and the image has it, or neither. All
/// classes have as many answers, so the share of right ones is the mean of the classes' own.
class Accuracy {
 public:
  explicit Accuracy(std::optional<std::int64_t> top_k) : top_k_(top_k) {}

  /// Scores before softmax or sigmoid, float [N, classes], and labels, int64 [N] or of multi-label
  /// images 0 or 1 [N, classes].
  void add(const torch::Tensor& logits, const torch::Tensor& labels);

  /// 0 before the first answer.
  [[nodiscard]] double value() const { return share(right_); }
  /// "Epoch[3] Train-accuracy=0.91", and the same for top_k.
  void log(Log& log, std::int64_t epoch, const std::string& set) const;

 private:
  [[nodiscard]] double share(std::int64_t count) const;

  std::optional<std::int64_t> top_k_;
  std::int64_t seen_ = 0, right_ = 0, near_ = 0;
};

/// "0.910000": so many digits behind the point.
std::string fixed(double value, int digits);

}  // namespace millrace::image_classification
