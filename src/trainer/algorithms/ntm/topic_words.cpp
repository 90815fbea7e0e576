#include "trainer/algorithms/ntm/topic_words.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::ntm {
namespace {

/// Of the mean word's sum.
constexpr double kPartOfUnseenWord = 1e-3;

}  // namespace

TopicWords::TopicWords(std::int64_t words, std::int64_t topics)
    : topics_(topics),
      sums_(static_cast<std::size_t>(words * topics)),
      powers_(static_cast<std::size_t>(topics)) {}

void TopicWords::clear() {
  std::fill(sums_.begin(), sums_.end(), 0.0F);
}

void TopicWords::add(const Documents& documents, std::span<const float> topic_weights) {
  const std::size_t topics = powers_.size();
  for (std::size_t d = 0; d < documents.totals.size(); ++d) {
    for (std::size_t k = 0; k < topics; ++k) {
      const float weight = topic_weights[d * topics + k];
      powers_[k] = weight * weight * weight * weight;
    }
    for (auto i = static_cast<std::size_t>(documents.starts[d]);
         i < static_cast<std::size_t>(documents.starts[d + 1]); ++i) {
      float* const sums = sums_.data() + documents.words[i] * topics_;
      for (std::size_t k = 0; k < topics; ++k) sums[k] += documents.counts[i] * powers_[k];
    }
  }
}

std::vector<float> word_logits(const std::vector<float>& sums, std::int64_t topics) {
  const auto columns = static_cast<std::size_t>(topics);
  std::vector<double> totals(columns);
  for (std::size_t i = 0; i < sums.size(); ++i) totals[i % columns] += static_cast<double>(sums[i]);
  const double words = static_cast<double>(sums.size()) / static_cast<double>(topics);
  std::vector<float> logits(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double unseen = std::max(kPartOfUnseenWord * totals[i % columns] / words,
                                   std::numeric_limits<double>::min());
    logits[i] = static_cast<float>(std::log(std::max(static_cast<double>(sums[i]), unseen)));
  }
  return logits;
}

}  // namespace millrace::ntm
