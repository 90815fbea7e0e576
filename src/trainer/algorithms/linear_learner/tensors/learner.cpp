#include "trainer/algorithms/linear_learner/tensors/learner.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "core/base/check.h"

namespace millrace::linear_learner {
namespace {

constexpr std::int64_t kRowsPerThread = 64;

/// A matrix over memory that somebody else owns.
torch::Tensor matrix(const float* data, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(const_cast<float*>(data), {rows, columns}, at::kFloat);
}

std::size_t size(std::int64_t count) {
  return static_cast<std::size_t>(count);
}

/// In [0, 1), with all 24 bits that a float has.
float unit(std::mt19937_64& source) {
  return static_cast<float>(source() >> 40) * 0x1p-24F;
}

float draw(const Hyperparameters& h, std::mt19937_64& source) {
  if (h.init_method == InitMethod::Uniform)
    return static_cast<float>(h.init_scale) * (2 * unit(source) - 1);
  // Box and Muller; 1 - unit() is never 0.
  const float radius = std::sqrt(-2 * std::log(1 - unit(source)));
  return static_cast<float>(h.init_sigma) * radius *
         std::cos(2 * std::numbers::pi_v<float> * unit(source));
}

}  // namespace

Learner::Learner(const Hyperparameters& h, std::vector<ModelSettings> models, Scaler scaler,
                 RowWeights weights)
    : h_(h),
      models_(std::move(models)),
      scaler_(std::move(scaler)),
      scales_(!scaler_.is_identity()),
      loss_{.loss = h.effective_loss(),
            .insensitivity = static_cast<float>(h.loss_insensitivity),
            .huber_delta = static_cast<float>(h.huber_delta),
            .margin = static_cast<float>(h.margin),
            .quantile = static_cast<float>(h.quantile)},
      row_weights_(std::move(weights)),
      features_(static_cast<std::int64_t>(scaler_.mean.size())),
      outputs_(h.outputs()),
      width_(outputs_ * static_cast<std::int64_t>(models_.size())),
      weights_(h, features_, width_),
      biases_(h, 1, width_),
      sums_(size((features_ + 1) * width_ + models_.size() + 2)) {
  start_weights();
}

void Learner::set_scaler(Scaler scaler) {
  scaler_ = std::move(scaler);
  scales_ = !scaler_.is_identity();
}

void Learner::start_weights() {
  for (std::size_t m = 0; m < models_.size(); ++m) {
    std::mt19937_64 source(models_[m].seed);
    for (std::int64_t i = 0; i < features_; ++i) {
      for (std::int64_t c = 0; c < outputs_; ++c) {
        const float value = draw(h_, source);
        // A feature that never varied would keep its random weight, and use it on new rows.
        if (!scaler_.constant[size(i)])
          weights_.values()[size(i * width_ + c) + m * size(outputs_)] = value;
      }
    }
  }
  if (h_.use_bias) {
    std::fill(biases_.values().begin(), biases_.values().end(), static_cast<float>(h_.init_bias));
  }
}

void Learner::scale(const DenseBatch& batch) {
  scaled_.resize(size(batch.rows * features_));
  const float* const mean = scaler_.mean.data();
  const float* const factor = scaler_.factor.data();
  at::parallel_for(0, batch.rows, kRowsPerThread, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* const from = batch.features.data() + row * features_;
      float* const into = scaled_.data() + row * features_;
      for (std::int64_t i = 0; i < features_; ++i) into[i] = (from[i] - mean[i]) * factor[i];
    }
  });
}

std::span<const float> Learner::scaled_labels(const TabularBatch& batch) {
  if (scaler_.label_mean == 0 && scaler_.label_scale == 1) return batch.labels();
  labels_.clear();
  for (const float label : batch.labels()) {
    labels_.push_back(static_cast<float>((static_cast<double>(label) - scaler_.label_mean) /
                                         scaler_.label_scale));
  }
  return labels_;
}

void Learner::multiply(const TabularBatch& batch) {
  scores_.resize(size(batch.rows() * width_));
  if (batch.is_sparse) return multiply_sparse(batch.sparse);
  if (scales_) scale(batch.dense);
  torch::Tensor scores = matrix(scores_.data(), batch.rows(), width_);
  at::mm_out(
      scores,
      matrix(scales_ ? scaled_.data() : batch.dense.features.data(), batch.rows(), features_),
      matrix(weights_.values().data(), features_, width_));
}

// Rows stay sparse: with f = factor, (x - mean) f w = x (f w) - mean (f w). The second term is the
// same for every row, and so is what it adds to the gradient, -mean f times the sum of the slopes.
void Learner::multiply_sparse(const SparseBatch& batch) {
  const std::vector<float>& weights = weights_.values();
  folded_.resize(weights.size());
  std::vector<float> shift(size(width_));
  for (std::int64_t i = 0; i < features_; ++i) {
    const float factor = scaler_.factor[size(i)], mean = scaler_.mean[size(i)];
    for (std::int64_t k = 0; k < width_; ++k) {
      const float folded = weights[size(i * width_ + k)] * factor;
      folded_[size(i * width_ + k)] = folded;
      shift[size(k)] -= mean * folded;
    }
  }
  at::parallel_for(0, batch.rows, kRowsPerThread, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      float* const scores = scores_.data() + row * width_;
      std::copy(shift.begin(), shift.end(), scores);
      for (std::int64_t at = batch.row_starts[size(row)]; at < batch.row_starts[size(row) + 1];
           ++at) {
        const float value = batch.values[size(at)];
        const float* const w = folded_.data() + batch.indices[size(at)] * width_;
        for (std::int64_t k = 0; k < width_; ++k) scores[k] += value * w[k];
      }
    }
  });
}

void Learner::sparse_gradient(const SparseBatch& batch) {
  float* const gradient = sums_.data();
  std::fill(gradient, gradient + features_ * width_, 0.0F);
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const float* const slopes = scores_.data() + row * width_;
    for (std::int64_t at = batch.row_starts[size(row)]; at < batch.row_starts[size(row) + 1];
         ++at) {
      const float value = batch.values[size(at)];
      float* const into = gradient + batch.indices[size(at)] * width_;
      for (std::int64_t k = 0; k < width_; ++k) into[k] += value * slopes[k];
    }
  }
  const std::vector<float>& slopes = loss_sums_.bias_gradients;
  for (std::int64_t i = 0; i < features_; ++i) {
    const float factor = scaler_.factor[size(i)], mean = scaler_.mean[size(i)];
    float* const into = gradient + i * width_;
    for (std::int64_t k = 0; k < width_; ++k) into[k] = factor * (into[k] - mean * slopes[size(k)]);
  }
}

void Learner::set_gradients(const TabularBatch* batch) {
  if (batch == nullptr || batch->rows() == 0) {
    std::fill(sums_.begin(), sums_.end(), 0.0F);
    return;
  }
  multiply(*batch);
  scores_to_gradients(
      loss_, row_weights_, scaled_labels(*batch), biases_.values(),
      {.rows = batch->rows(), .models = models(), .outputs = outputs_, .scores = scores_.data()},
      loss_sums_);
  if (batch->is_sparse) {
    sparse_gradient(batch->sparse);
  } else {
    torch::Tensor gradient = matrix(sums_.data(), features_, width_);
    at::mm_out(
        gradient,
        matrix(scales_ ? scaled_.data() : batch->dense.features.data(), batch->rows(), features_)
            .t(),
        matrix(scores_.data(), batch->rows(), width_));
  }
  auto tail = sums_.begin() + features_ * width_;
  tail = std::copy(loss_sums_.bias_gradients.begin(), loss_sums_.bias_gradients.end(), tail);
  for (const double loss : loss_sums_.losses) *tail++ = static_cast<float>(loss);
  *tail++ = static_cast<float>(batch->rows());
  *tail = 0;
}

double Learner::rows_in_sums() const {
  return static_cast<double>(sums_[sums_.size() - 2]);
}

double Learner::loss_unit() const {
  return std::pow(scaler_.label_scale, loss_power(loss_.loss));
}

void Learner::add_losses(std::vector<double>& losses) const {
  const float* const from = sums_.data() + (features_ + 1) * width_;
  for (std::size_t m = 0; m < models_.size(); ++m)
    losses[m] += static_cast<double>(from[m]) * loss_unit();
}

void Learner::set_rates() {
  const double bias_rate = h_.bias_lr_mult.value_or(1), bias_wd = h_.bias_wd_mult.value_or(0);
  for (UpdateRates* rates : {&weight_rates_, &bias_rates_}) {
    const bool bias = rates == &bias_rates_;
    rates->rate.clear();
    rates->wd.clear();
    rates->l1.clear();
    for (const ModelSettings& model : models_) {
      const double rate = model.rate(updates_) * (bias ? bias_rate : 1);
      const double wd = model.wd * (bias ? bias_wd : 1);
      rates->rate.insert(rates->rate.end(), size(outputs_), static_cast<float>(rate));
      rates->wd.insert(rates->wd.end(), size(outputs_), static_cast<float>(wd));
      rates->l1.insert(rates->l1.end(), size(outputs_), static_cast<float>(bias ? 0 : model.l1));
    }
  }
}

void Learner::update() {
  MILLRACE_CHECK(rows_in_sums() > 0);
  set_rates();
  ++updates_;
  const auto per_row = static_cast<float>(1 / rows_in_sums());
  weights_.update(sums_.data(), per_row, weight_rates_, updates_);
  if (h_.use_bias)
    biases_.update(sums_.data() + features_ * width_, per_row, bias_rates_, updates_);
}

std::span<const float> Learner::evaluate(const TabularBatch& batch, std::vector<double>& losses) {
  multiply(batch);
  std::vector<double> sums;
  scores_to_losses(
      loss_, scaled_labels(batch), biases_.values(),
      {.rows = batch.rows(), .models = models(), .outputs = outputs_, .scores = scores_.data()},
      sums);
  for (std::size_t m = 0; m < sums.size(); ++m) losses[m] += sums[m] * loss_unit();
  return scores_;
}

Learner::Parameters Learner::parameters() const {
  return {.weights = weights_.values(), .biases = biases_.values()};
}

void Learner::set_parameters(const Parameters& parameters) {
  weights_.values() = parameters.weights;
  biases_.values() = parameters.biases;
}

Learner::Memory Learner::memory() {
  return {.updates = updates_,
          .weights_first = weights_.first(),
          .weights_second = weights_.second(),
          .biases_first = biases_.first(),
          .biases_second = biases_.second()};
}

void Learner::set_memory(const Memory& memory) {
  updates_ = memory.updates;
  weights_.first() = memory.weights_first;
  weights_.second() = memory.weights_second;
  biases_.first() = memory.biases_first;
  biases_.second() = memory.biases_second;
}

LinearModel Learner::fold(std::int64_t model) const {
  LinearModel folded{.predictor = h_.predictor_type,
                     .loss = loss_.loss,
                     .features = features_,
                     .outputs = outputs_};
  for (std::int64_t c = 0; c < outputs_; ++c) {
    const std::size_t column = size(model * outputs_ + c);
    double bias = static_cast<double>(biases_.values()[column]);
    for (std::int64_t i = 0; i < features_; ++i) {
      const double weight = static_cast<double>(weights_.values()[size(i * width_) + column]) *
                            static_cast<double>(scaler_.factor[size(i)]);
      bias -= weight * static_cast<double>(scaler_.mean[size(i)]);
      folded.weights.push_back(static_cast<float>(weight * scaler_.label_scale));
    }
    folded.biases.push_back(static_cast<float>(bias * scaler_.label_scale + scaler_.label_mean));
  }
  return folded;
}

}  // namespace millrace::linear_learner
