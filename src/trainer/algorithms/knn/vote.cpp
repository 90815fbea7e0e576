#include "trainer/algorithms/knn/vote.h"

#include <algorithm>

#include "core/base/check.h"

namespace millrace::knn {

float predicted_label(PredictorType predictor, std::span<const float> labels,
                      std::vector<float>& scratch) {
  MILLRACE_CHECK(!labels.empty());
  if (predictor == PredictorType::Regressor) {
    double sum = 0;
    for (const float label : labels) sum += static_cast<double>(label);
    return static_cast<float>(sum / static_cast<double>(labels.size()));
  }
  scratch.assign(labels.begin(), labels.end());
  std::sort(scratch.begin(), scratch.end());
  float winner = scratch.front();
  std::ptrdiff_t most = 0;
  for (auto run = scratch.begin(); run != scratch.end();) {
    const auto end = std::upper_bound(run, scratch.end(), *run);
    if (end - run > most) {
      most = end - run;
      winner = *run;
    }
    run = end;
  }
  return winner;
}

}  // namespace millrace::knn
