#include "trainer/algorithms/ntm/topics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace millrace::ntm {

std::vector<Topic> top_words(std::span<const float> weights, std::int64_t topics,
                             std::int64_t count) {
  const auto wide = static_cast<std::size_t>(topics);
  const auto words = static_cast<std::int64_t>(weights.size() / wide);
  std::vector<Topic> all;
  for (std::size_t topic = 0; topic < wide; ++topic) {
    Topic order(static_cast<std::size_t>(words));
    std::iota(order.begin(), order.end(), 0);
    const auto listed = order.begin() + std::min(count, words);
    std::partial_sort(order.begin(), listed, order.end(), [&](std::int64_t a, std::int64_t b) {
      const float left = weights[static_cast<std::size_t>(a) * wide + topic],
                  right = weights[static_cast<std::size_t>(b) * wide + topic];
      return left != right ? left > right : a < b;
    });
    order.erase(listed, order.end());
    order.shrink_to_fit();
    all.push_back(std::move(order));
  }
  return all;
}

std::vector<double> uniqueness(const std::vector<Topic>& topics) {
  std::map<std::int64_t, double> lists;
  for (const Topic& topic : topics) {
    for (const std::int64_t word : topic) ++lists[word];
  }
  std::vector<double> values;
  for (const Topic& topic : topics) {
    double sum = 0;
    for (const std::int64_t word : topic) sum += 1 / lists[word];
    values.push_back(sum / static_cast<double>(topic.size()));
  }
  return values;
}

std::vector<double> embedding_coherence(const std::vector<Topic>& topics,
                                        const Vocabulary& vocabulary) {
  std::vector<double> values;
  for (const Topic& topic : topics) {
    double sum = 0;
    int pairs = 0;
    for (std::size_t b = 1; b < topic.size(); ++b) {
      const auto right = vocabulary.embeddings.find(topic[b]);
      if (right == vocabulary.embeddings.end()) continue;
      for (std::size_t a = 0; a < b; ++a) {
        const auto left = vocabulary.embeddings.find(topic[a]);
        if (left == vocabulary.embeddings.end()) continue;
        sum += std::inner_product(left->second.begin(), left->second.end(), right->second.begin(),
                                  0.0);
        ++pairs;
      }
    }
    values.push_back(pairs > 0 ? sum / pairs : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

Coherence::Coherence(const std::vector<Topic>& topics, std::int64_t words)
    : topics_(topics.size()), listings_(static_cast<std::size_t>(words)), found_(topics.size()) {
  for (std::size_t topic = 0; topic < topics_; ++topic) {
    listed_ = std::min(topics[topic].size(), static_cast<std::size_t>(kMeasuredWords));
    for (std::size_t position = 0; position < listed_; ++position) {
      listings_[static_cast<std::size_t>(topics[topic][position])].push_back(
          {.topic = topic, .position = position});
    }
  }
  sums_.resize(1 + topics_ * listed_ * listed_);
}

std::size_t Coherence::pair_at(std::size_t topic, std::size_t a, std::size_t b) const {
  return 1 + (topic * listed_ + a) * listed_ + b;
}

void Coherence::add(const Documents& documents) {
  sums_[0] += static_cast<double>(documents.rows_taken());
  std::vector<std::size_t> touched;
  for (std::size_t d = 0; d < documents.totals.size(); ++d) {
    touched.clear();
    for (auto i = static_cast<std::size_t>(documents.starts[d]);
         i < static_cast<std::size_t>(documents.starts[d + 1]); ++i) {
      for (const Listing& listing : listings_[static_cast<std::size_t>(documents.words[i])]) {
        if (found_[listing.topic].empty()) touched.push_back(listing.topic);
        found_[listing.topic].push_back(listing.position);
      }
    }
    for (const std::size_t topic : touched) {
      for (const std::size_t a : found_[topic]) {
        for (const std::size_t b : found_[topic]) {
          if (a <= b) ++sums_[pair_at(topic, a, b)];
        }
      }
      found_[topic].clear();
    }
  }
}

std::vector<double> Coherence::means() const {
  const double documents = sums_[0];
  std::vector<double> values;
  for (std::size_t topic = 0; topic < topics_; ++topic) {
    double sum = 0;
    int pairs = 0;
    for (std::size_t a = 0; a < listed_; ++a) {
      for (std::size_t b = a + 1; b < listed_; ++b) {
        ++pairs;
        const double both = sums_[pair_at(topic, a, b)] / documents;
        const double alone =
            sums_[pair_at(topic, a, a)] / documents * (sums_[pair_at(topic, b, b)] / documents);
        // Words that meet in every document tell nothing of each other: the limit is 1.
        if (both >= 1)
          sum += 1;
        else
          sum += both > 0 ? std::log(both / alone) / -std::log(both) : -1;
      }
    }
    values.push_back(pairs > 0 ? sum / pairs : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  int count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace millrace::ntm
