#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "trainer/algorithms/linear_learner/loss.h"

namespace millrace::linear_learner {

/// What the losses have for parameters.
struct LossSettings {
  Loss loss = Loss::Squared;
  float insensitivity = 0;
  float huber_delta = 0;
  float margin = 0;
  float quantile = 0;
};

/// A loss and its derivative by the score.
struct LossValue {
  float loss = 0;
  float slope = 0;
};

/// e^x of x <= 0, within 3e-7 of it: 2^n e^r with |r| <= ln(2) / 2 and Taylor's polynomial for e^r.
/// Without a call, so that loops over it are vectorised; 0 below -87.
inline float exp_of_negative(float x) {
  const float bounded = x < -87.0F ? -87.0F : x;
  const float turns = bounded * 1.44269504F - 0.5F;
  const auto n = static_cast<std::int32_t>(turns);  // towards zero, so up: turns <= 0
  // ln(2) in two parts, the first exact in a product with n.
  const float r =
      (bounded - static_cast<float>(n) * 0.693359375F) + static_cast<float>(n) * 2.12194440e-4F;
  const float power =
      1 + r * (1 + r * (1.0F / 2 + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r / 720)))));
  return (x < -87.0F ? 0.0F : power) * std::bit_cast<float>((n + 127) << 23);
}

/// ln(1 + x) of 0 <= x <= 1, within 2e-7: 2 artanh(x / (2 + x)), whose series needs six terms.
inline float log_of_one_plus(float x) {
  const float z = x / (2 + x), square = z * z;
  return 2 * z *
         (1 +
          square * (1.0F / 3 +
                    square * (1.0F / 5 + square * (1.0F / 7 + square * (1.0F / 9 + square / 11)))));
}

/// Of one score and label, for every loss but softmax, which looks at a row of scores. A template,
/// so that the choice is made outside the loop over scores, which is then vectorised. At a kink the
/// slope is that of the flat or the left side.
template <Loss kLoss>
inline LossValue loss_value(const LossSettings& settings, float label, float score) {
  static_assert(kLoss != Loss::Softmax);
  const float error = score - label, size = std::abs(error);
  const float sign = error > 0 ? 1.0F : error < 0 ? -1.0F : 0.0F;
  if constexpr (kLoss == Loss::Squared) return {error * error, 2 * error};
  if constexpr (kLoss == Loss::Absolute) return {size, sign};
  if constexpr (kLoss == Loss::EpsInsensitiveSquared || kLoss == Loss::EpsInsensitiveAbsolute) {
    const float excess = size > settings.insensitivity ? size - settings.insensitivity : 0.0F;
    if constexpr (kLoss == Loss::EpsInsensitiveSquared) return {excess * excess, 2 * excess * sign};
    return {excess, excess > 0 ? sign : 0.0F};
  }
  if constexpr (kLoss == Loss::Quantile) {
    const float slope = error > 0 ? 1 - settings.quantile : error < 0 ? -settings.quantile : 0.0F;
    return {slope * error, slope};
  }
  if constexpr (kLoss == Loss::Huber) {
    const float delta = settings.huber_delta;
    return size <= delta ? LossValue{error * error / 2, error}
                         : LossValue{delta * (size - delta / 2), delta * sign};
  }
  const float target = label > 0.5F ? 1.0F : -1.0F;
  if constexpr (kLoss == Loss::Hinge) {
    const float gap = settings.margin - target * score;
    return {gap > 0 ? gap : 0.0F, gap > 0 ? -target : 0.0F};
  }
  if constexpr (kLoss == Loss::Logistic) {
    // e^-|s| cannot overflow; ln(1 + e^-ts) = max(0, -ts) + ln(1 + e^-|s|).
    const float against = -target * score;
    const float small = exp_of_negative(-std::abs(score));
    const float wrong = (against > 0 ? 1.0F : small) / (1 + small);
    return {(against > 0 ? against : 0.0F) + log_of_one_plus(small), -target * wrong};
  }
}

/// Calls `use` with the loss as a constant: use(std::integral_constant<Loss, ...>). Not for
/// softmax.
template <class Use>
void with_loss(Loss loss, Use&& use) {
  const auto as = [&]<Loss kLoss>() { use(std::integral_constant<Loss, kLoss>{}); };
  switch (loss) {
    case Loss::Squared:
      return as.template operator()<Loss::Squared>();
    case Loss::Absolute:
      return as.template operator()<Loss::Absolute>();
    case Loss::EpsInsensitiveSquared:
      return as.template operator()<Loss::EpsInsensitiveSquared>();
    case Loss::EpsInsensitiveAbsolute:
      return as.template operator()<Loss::EpsInsensitiveAbsolute>();
    case Loss::Quantile:
      return as.template operator()<Loss::Quantile>();
    case Loss::Huber:
      return as.template operator()<Loss::Huber>();
    case Loss::Logistic:
      return as.template operator()<Loss::Logistic>();
    case Loss::Hinge:
      return as.template operator()<Loss::Hinge>();
    case Loss::Softmax:
      return;
  }
}

}  // namespace millrace::linear_learner
