#include "trainer/algorithms/knn/tensors/projection.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include "core/base/check.h"

namespace millrace::knn {
namespace {

/// Bits of a generator, one after the other.
class Signs {
 public:
  explicit Signs(std::mt19937_64& random) : random_(random) {}
  float next() {
    if (left_ == 0) {
      bits_ = random_();
      left_ = 64;
    }
    const bool minus = (bits_ & 1U) != 0;
    bits_ >>= 1U;
    --left_;
    return minus ? -1.0F : 1.0F;
  }

 private:
  std::mt19937_64& random_;
  std::uint64_t bits_ = 0;
  int left_ = 0;
};

/// Unnormalised, in place; `count` is a power of two.
void walsh_hadamard(float* values, std::int64_t count) {
  for (std::int64_t half = 1; half < count; half *= 2) {
    for (std::int64_t begin = 0; begin < count; begin += 2 * half) {
      for (std::int64_t i = begin; i < begin + half; ++i) {
        const float a = values[i], b = values[i + half];
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
}

}  // namespace

Projection::Projection(const Reduction& reduction) : reduction_(reduction) {
  std::mt19937_64 random(reduction.seed);
  Signs signs(random);
  const std::int64_t from = reduction.input_dim, to = reduction.target_dim;
  if (reduction.type == ReductionType::Sign) {
    matrix_ = torch::empty({from, to}, torch::kFloat);
    const float scale = 1 / std::sqrt(static_cast<float>(to));
    float* const values = matrix_.data_ptr<float>();
    for (std::int64_t i = 0; i < from * to; ++i) values[i] = signs.next() * scale;
    return;
  }
  padded_ = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(from)));
  for (std::int64_t i = 0; i < from; ++i) signs_.push_back(signs.next());
  std::vector<std::int64_t> order(static_cast<std::size_t>(padded_));
  std::iota(order.begin(), order.end(), 0);
  // Fisher and Yates; std::shuffle may differ between libraries.
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  for (std::int64_t i = 0; i < to; ++i)
    picked_.push_back(order[static_cast<std::size_t>(i % padded_)]);
}

std::vector<float> Projection::apply(std::span<const float> vectors) const {
  MILLRACE_CHECK(vectors.size() % static_cast<std::size_t>(reduction_.input_dim) == 0);
  return reduction_.type == ReductionType::Sign ? apply_signs(vectors) : apply_transform(vectors);
}

std::vector<float> Projection::apply_signs(std::span<const float> vectors) const {
  const auto rows = static_cast<std::int64_t>(vectors.size()) / reduction_.input_dim;
  std::vector<float> result(static_cast<std::size_t>(rows * reduction_.target_dim));
  // from_blob takes no const; it is only read.
  const torch::Tensor from = torch::from_blob(const_cast<float*>(vectors.data()),
                                              {rows, reduction_.input_dim}, torch::kFloat);
  torch::Tensor to = torch::from_blob(result.data(), {rows, reduction_.target_dim}, torch::kFloat);
  at::mm_out(to, from, matrix_);
  return result;
}

std::vector<float> Projection::apply_transform(std::span<const float> vectors) const {
  const std::int64_t from = reduction_.input_dim, to = reduction_.target_dim;
  const auto rows = static_cast<std::int64_t>(vectors.size()) / from;
  std::vector<float> result(static_cast<std::size_t>(rows * to));
  // sqrt(D / t) and the 1 / sqrt(D) of the transform.
  const float scale = 1 / std::sqrt(static_cast<float>(to));
  at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> work(static_cast<std::size_t>(padded_));
    for (std::int64_t row = begin; row < end; ++row) {
      const float* const x = vectors.data() + row * from;
      for (std::size_t i = 0; i < work.size(); ++i)
        work[i] = i < signs_.size() ? signs_[i] * x[i] : 0.0F;
      walsh_hadamard(work.data(), padded_);
      float* const y = result.data() + row * to;
      for (std::size_t i = 0; i < picked_.size(); ++i)
        y[i] = scale * work[static_cast<std::size_t>(picked_[i])];
    }
  });
  return result;
}

}  // namespace millrace::knn
