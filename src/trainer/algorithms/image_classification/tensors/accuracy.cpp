#include "trainer/algorithms/image_classification/tensors/accuracy.h"

#include <cstdio>

namespace millrace::image_classification {

void Accuracy::add(const torch::Tensor& logits, const torch::Tensor& labels) {
  const at::NoGradGuard no_grad;
  if (labels.dim() == 2) {
    seen_ += labels.numel();
    right_ += logits.gt(0).eq(labels.gt(0)).sum().item<std::int64_t>();
    return;
  }
  seen_ += labels.size(0);
  right_ += logits.argmax(1).eq(labels).sum().item<std::int64_t>();
  if (top_k_)
    near_ +=
        std::get<1>(logits.topk(*top_k_, 1)).eq(labels.unsqueeze(1)).sum().item<std::int64_t>();
}

void Accuracy::log(Log& log, std::int64_t epoch, const std::string& set) const {
  const std::string start = "Epoch[" + std::to_string(epoch) + "] " + set + "-";
  log.info(start + "accuracy=" + fixed(value(), 6));
  if (top_k_)
    log.info(start + "top_k_accuracy_" + std::to_string(*top_k_) + "=" + fixed(share(near_), 6));
}

double Accuracy::share(std::int64_t count) const {
  return seen_ > 0 ? static_cast<double>(count) / static_cast<double>(seen_) : 0;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace millrace::image_classification
