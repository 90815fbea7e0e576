#include "trainer/algorithms/linear_learner/tensors/update.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

namespace millrace::linear_learner {
namespace {

constexpr float kEps = 1e-8F;
constexpr float kGamma = 0.9F;
/// Weights below which a second thread costs more than it helps.
constexpr std::int64_t kWeightsPerThread = 32 * 1024;

}  // namespace

TrainedWeights::TrainedWeights(const Hyperparameters& h, std::int64_t rows, std::int64_t width)
    : rule_(h.optimizer.value_or(Optimizer::Adam)),
      momentum_(static_cast<float>(h.momentum.value_or(0))),
      beta_1_(static_cast<float>(h.beta_1.value_or(0.9))),
      beta_2_(static_cast<float>(h.beta_2.value_or(0.999))),
      rows_(rows),
      width_(width),
      values_(static_cast<std::size_t>(rows * width)) {
  first_.resize(values_.size());
  if (rule_ == Optimizer::Adam) second_.resize(values_.size());
}

template <Optimizer kRule>
void TrainedWeights::update_rows(std::int64_t begin, std::int64_t end, const float* gradient,
                                 float scale, const UpdateRates& rates, float correction) {
  const float momentum = momentum_, beta_1 = beta_1_, beta_2 = beta_2_;
  const float* const rate = rates.rate.data();
  const float* const wd = rates.wd.data();
  const float* const l1 = rates.l1.data();
  for (std::int64_t row = begin; row < end; ++row) {
    float* const w = values_.data() + row * width_;
    float* const m = first_.data() + row * width_;
    float* const v = kRule == Optimizer::Adam ? second_.data() + row * width_ : nullptr;
    const float* const slope = gradient + row * width_;
    for (std::int64_t k = 0; k < width_; ++k) {
      const float g = scale * slope[k] + wd[k] * w[k];
      float step;
      if constexpr (kRule == Optimizer::Sgd) {
        step = m[k] = momentum * m[k] - rate[k] * g;
      } else if constexpr (kRule == Optimizer::RmsProp) {
        m[k] = kGamma * m[k] + (1 - kGamma) * g * g;
        step = -rate[k] * g / std::sqrt(m[k] + kEps);
      } else {
        m[k] = beta_1 * m[k] + (1 - beta_1) * g;
        v[k] = beta_2 * v[k] + (1 - beta_2) * g * g;
        step = -rate[k] * correction * m[k] / (std::sqrt(v[k]) + kEps);
      }
      const float moved = w[k] + step;
      const float shrink = rate[k] * l1[k];
      const float size = std::abs(moved) - shrink;
      w[k] = shrink == 0 ? moved : std::copysign(size > 0 ? size : 0.0F, moved);
    }
  }
}

void TrainedWeights::update(const float* gradient, float scale, const UpdateRates& rates,
                            std::int64_t number) {
  const auto t = static_cast<double>(number);
  const auto correction =
      static_cast<float>(std::sqrt(1 - std::pow(static_cast<double>(beta_2_), t)) /
                         (1 - std::pow(static_cast<double>(beta_1_), t)));
  const std::int64_t grain = std::max<std::int64_t>(1, kWeightsPerThread / width_);
  at::parallel_for(0, rows_, grain, [&](std::int64_t begin, std::int64_t end) {
    switch (rule_) {
      case Optimizer::Sgd:
        return update_rows<Optimizer::Sgd>(begin, end, gradient, scale, rates, correction);
      case Optimizer::Adam:
        return update_rows<Optimizer::Adam>(begin, end, gradient, scale, rates, correction);
      case Optimizer::RmsProp:
        return update_rows<Optimizer::RmsProp>(begin, end, gradient, scale, rates, correction);
    }
  });
}

}  // namespace millrace::linear_learner
