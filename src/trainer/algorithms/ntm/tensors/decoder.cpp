#include "trainer/algorithms/ntm/tensors/decoder.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace millrace::ntm {
namespace {

/// Logits held at a time (16 MiB).
constexpr std::int64_t kMaxLogits = std::int64_t{4} << 20;

/// Of the words [begin, end): [documents, end - begin].
torch::Tensor logits_of(const Decoder& decoder, const torch::Tensor& inputs, std::int64_t begin,
                        std::int64_t end) {
  return torch::addmm(decoder.biases.slice(0, begin, end), inputs,
                      decoder.weights.slice(0, begin, end).t());
}

/// ln of the sum of exponentials over all words: [documents, 1].
torch::Tensor log_normalizers(const Decoder& decoder, const torch::Tensor& inputs,
                              std::int64_t block) {
  const std::int64_t words = decoder.biases.size(0);
  torch::Tensor all;
  for (std::int64_t begin = 0; begin < words; begin += block) {
    const torch::Tensor part =
        logits_of(decoder, inputs, begin, std::min(begin + block, words)).logsumexp(1, true);
    all = all.defined() ? torch::logaddexp(all, part) : part;
  }
  return all;
}

void add_dense_gradients(const Decoder& decoder, const torch::Tensor& inputs,
                         const torch::Tensor& probabilities, std::int64_t begin,
                         DecoderGradients& gradients) {
  const std::int64_t end = begin + probabilities.size(1);
  gradients.weights.slice(0, begin, end).addmm_(probabilities.t(), inputs);
  gradients.biases.slice(0, begin, end).add_(probabilities.sum(0));
  gradients.inputs.addmm_(probabilities, decoder.weights.slice(0, begin, end));
}

}  // namespace

std::vector<double> reconstruction(const Decoder& decoder, const Documents& documents,
                                   const torch::Tensor& inputs, DecoderGradients* gradients) {
  const std::int64_t words = decoder.biases.size(0), count = documents.size();
  const std::int64_t topics = inputs.size(1);
  const std::int64_t block = std::max<std::int64_t>(1, kMaxLogits / count);
  if (gradients != nullptr) gradients->inputs = torch::zeros_like(inputs);
  torch::Tensor normalizers;
  if (words <= block) {
    torch::Tensor logits = logits_of(decoder, inputs, 0, words);
    normalizers = logits.logsumexp(1, true);
    if (gradients != nullptr)
      add_dense_gradients(decoder, inputs, logits.sub_(normalizers).exp_(), 0, *gradients);
  } else {
    normalizers = log_normalizers(decoder, inputs, block);
    for (std::int64_t begin = 0; gradients != nullptr && begin < words; begin += block) {
      const torch::Tensor logits =
          logits_of(decoder, inputs, begin, std::min(begin + block, words));
      add_dense_gradients(decoder, inputs, logits.sub(normalizers).exp_(), begin, *gradients);
    }
  }
  // What the documents' own words add: their logits, and 1 / total of each count in the gradients.
  const float *const w = decoder.weights.data_ptr<float>(),
                     *const b = decoder.biases.data_ptr<float>(),
                     *const t = inputs.data_ptr<float>(), *const z = normalizers.data_ptr<float>();
  float* const dw = gradients != nullptr ? gradients->weights.data_ptr<float>() : nullptr;
  float* const db = gradients != nullptr ? gradients->biases.data_ptr<float>() : nullptr;
  float* const dt = gradients != nullptr ? gradients->inputs.data_ptr<float>() : nullptr;
  std::vector<double> losses;
  for (std::int64_t d = 0; d < count; ++d) {
    const auto at = static_cast<std::size_t>(d);
    const float* const t_d = t + d * topics;
    double told = 0;
    for (auto i = static_cast<std::size_t>(documents.starts[at]);
         i < static_cast<std::size_t>(documents.starts[at + 1]); ++i) {
      const std::int64_t word = documents.words[i];
      const float* const w_i = w + word * topics;
      const auto part =
          static_cast<float>(static_cast<double>(documents.counts[i]) / documents.totals[at]);
      float logit = b[word];
      for (std::int64_t k = 0; k < topics; ++k) logit += w_i[k] * t_d[k];
      told += static_cast<double>(part) * static_cast<double>(logit);
      if (gradients == nullptr) continue;
      db[word] -= part;
      float *const dw_i = dw + word * topics, *const dt_d = dt + d * topics;
      for (std::int64_t k = 0; k < topics; ++k) {
        dw_i[k] -= part * t_d[k];
        dt_d[k] -= part * w_i[k];
      }
    }
    losses.push_back(static_cast<double>(z[d]) - told);
  }
  return losses;
}

}  // namespace millrace::ntm
