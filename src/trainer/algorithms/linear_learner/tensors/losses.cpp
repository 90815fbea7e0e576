#include "trainer/algorithms/linear_learner/tensors/losses.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace millrace::linear_learner {
namespace {

/// Rows whose sums are kept in single precision: so few that it does not show.
constexpr std::int64_t kPieceRows = 128;

/// Sums of one piece.
struct PieceSums {
  float* bias_gradients;  ///< [M * C]
  float* losses;          ///< [M]
};

template <Loss kLoss, bool kGradients>
void piece_of_scores(const LossSettings& settings, const float* positive, const float* labels,
                     const float* __restrict biases, ScoreBlock block, PieceSums sums) {
  const std::int64_t models = block.models;
  const std::vector<float> ones(static_cast<std::size_t>(models), 1.0F);
  float* const __restrict losses = sums.losses;
  float* const __restrict slopes = sums.bias_gradients;
  for (std::int64_t row = 0; row < block.rows; ++row) {
    float* const __restrict scores = block.scores + row * models;
    const float label = labels[row];
    // A row of class 0 weighs 1 for every model.
    const float* const __restrict weights =
        kGradients && positive != nullptr && label > 0.5F ? positive : ones.data();
    for (std::int64_t m = 0; m < models; ++m) {
      const float score = scores[m] + biases[m];
      const LossValue value = loss_value<kLoss>(settings, label, score);
      losses[m] += weights[m] * value.loss;
      if constexpr (kGradients) {
        scores[m] = weights[m] * value.slope;
        slopes[m] += weights[m] * value.slope;
      } else {
        scores[m] = score;
      }
    }
  }
}

template <bool kGradients>
void piece_of_softmax(const float* classes, const float* labels, const float* biases,
                      ScoreBlock block, PieceSums sums) {
  const std::int64_t width = block.outputs;
  std::vector<float> exponentials(static_cast<std::size_t>(width));
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const auto label = static_cast<std::int64_t>(labels[row]);
    const float weight = kGradients && classes != nullptr ? classes[label] : 1.0F;
    for (std::int64_t m = 0; m < block.models; ++m) {
      float* const scores = block.scores + (row * block.models + m) * width;
      const float* const bias = biases + m * width;
      for (std::int64_t c = 0; c < width; ++c) scores[c] += bias[c];
      const float top = *std::max_element(scores, scores + width);
      for (std::int64_t c = 0; c < width; ++c)
        exponentials[static_cast<std::size_t>(c)] = exp_of_negative(scores[c] - top);
      float sum = 0;
      for (const float exponential : exponentials) sum += exponential;
      sums.losses[m] += weight * (std::log(sum) - (scores[label] - top));
      if constexpr (kGradients) {
        const float scale = weight / sum;
        for (std::int64_t c = 0; c < width; ++c)
          scores[c] = scale * exponentials[static_cast<std::size_t>(c)];
        scores[label] -= weight;
        float* const into = sums.bias_gradients + m * width;
        for (std::int64_t c = 0; c < width; ++c) into[c] += scores[c];
      }
    }
  }
}

template <bool kGradients>
void in_pieces(const LossSettings& settings, const RowWeights& weights,
               std::span<const float> labels, std::span<const float> biases, ScoreBlock block,
               LossSums& sums) {
  const std::int64_t width = block.width(), models = block.models;
  const std::int64_t pieces = (block.rows + kPieceRows - 1) / kPieceRows;
  std::vector<float> partial(static_cast<std::size_t>(pieces * (width + models)));
  const float* const positive = weights.positive.empty() ? nullptr : weights.positive.data();
  const float* const classes = weights.classes.empty() ? nullptr : weights.classes.data();
  at::parallel_for(0, pieces, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t piece = begin; piece < end; ++piece) {
      const std::int64_t first = piece * kPieceRows;
      ScoreBlock mine = block;
      mine.rows = std::min(kPieceRows, block.rows - first);
      mine.scores += first * width;
      float* const own = partial.data() + piece * (width + models);
      const PieceSums into{.bias_gradients = own, .losses = own + width};
      if (settings.loss == Loss::Softmax) {
        piece_of_softmax<kGradients>(classes, labels.data() + first, biases.data(), mine, into);
        continue;
      }
      with_loss(settings.loss, [&](auto loss) {
        piece_of_scores<decltype(loss)::value, kGradients>(
            settings, positive, labels.data() + first, biases.data(), mine, into);
      });
    }
  });
  sums.bias_gradients.assign(static_cast<std::size_t>(width), 0);
  sums.losses.assign(static_cast<std::size_t>(models), 0);
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    const float* const own = partial.data() + piece * (width + models);
    for (std::int64_t k = 0; k < width; ++k)
      sums.bias_gradients[static_cast<std::size_t>(k)] += own[k];
    for (std::int64_t m = 0; m < models; ++m)
      sums.losses[static_cast<std::size_t>(m)] += static_cast<double>(own[width + m]);
  }
}

}  // namespace

void scores_to_gradients(const LossSettings& settings, const RowWeights& weights,
                         std::span<const float> labels, std::span<const float> biases,
                         ScoreBlock block, LossSums& sums) {
  in_pieces<true>(settings, weights, labels, biases, block, sums);
}

void scores_to_losses(const LossSettings& settings, std::span<const float> labels,
                      std::span<const float> biases, ScoreBlock block,
                      std::vector<double>& losses) {
  LossSums sums;
  in_pieces<false>(settings, {}, labels, biases, block, sums);
  losses = std::move(sums.losses);
}

}  // namespace millrace::linear_learner
