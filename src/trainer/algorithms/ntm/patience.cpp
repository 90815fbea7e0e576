#include "trainer/algorithms/ntm/patience.h"

#include <algorithm>
#include <utility>

namespace millrace::ntm {

Patience::Verdict Patience::after_epoch(double loss) {
  Verdict verdict;
  const auto window = static_cast<std::size_t>(epochs_);
  if (losses_.size() == window) {
    verdict.compared = true;
    verdict.losses.assign(losses_.begin(), losses_.end());
    verdict.least = *std::min_element(losses_.begin(), losses_.end());
    verdict.bad = verdict.least - loss < tolerance_;
    bad_epochs_ = verdict.bad ? bad_epochs_ + 1 : 0;
    verdict.stop = bad_epochs_ > epochs_;
    losses_.pop_front();
  }
  losses_.push_back(loss);
  return verdict;
}

void Patience::resume(std::deque<double> losses, std::int64_t bad_epochs) {
  losses_ = std::move(losses);
  bad_epochs_ = bad_epochs;
}

}  // namespace millrace::ntm
