#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trainer/algorithms/ntm/documents.h"
#include "trainer/algorithms/ntm/vocabulary.h"

namespace millrace::ntm {

/// The words that are printed of a topic, and those by which its coherence is measured.
inline constexpr std::int64_t kPrintedWords = 20;
inline constexpr std::int64_t kMeasuredWords = 10;

/// Word ids of a topic, most probable first.
using Topic = std::vector<std::int64_t>;

/// The `count` largest entries of each column of `weights` [words, topics], fewer where there are
/// fewer words; of equal ones the lower id first.
std::vector<Topic> top_words(std::span<const float> weights, std::int64_t topics,
                             std::int64_t count);

/// Topic uniqueness: for each topic the mean of 1 / (topics that list the word). In (0, 1].
/// Source: Nan, Ding, Nallapati, Xiang, "Topic Modeling with Wasserstein Autoencoders", ACL 2019.
std::vector<double> uniqueness(const std::vector<Topic>& topics);

/// Word embedding topic coherence, pairwise: the mean cosine of all pairs of a topic's words that
/// have embeddings; NaN where fewer than two have.
/// Source: Ding, Nallapati, Xiang, "Coherence-Aware Neural Topic Modeling", EMNLP 2018.
std::vector<double> embedding_coherence(const std::vector<Topic>& topics,
                                        const Vocabulary& vocabulary);

/// Normalised pointwise mutual information of a topic's words over documents: of a pair
/// ln(p(a,b) / (p(a) p(b))) / -ln p(a,b), with p the part of documents that hold the words; -1 for
/// a pair that never meets. A topic's is the mean over its pairs. Source: Bouma, "Normalized
/// (Pointwise) Mutual Information in Collocation Extraction", 2009.
class Coherence {
 public:
  /// Of each topic's first kMeasuredWords words.
  Coherence(const std::vector<Topic>& topics, std::int64_t words);

  void add(const Documents& documents);
  /// What hosts add up before means().
  std::span<double> sums() { return sums_; }
  /// One for each topic. Documents without words count as documents.
  [[nodiscard]] std::vector<double> means() const;

 private:
  struct Listing {
    std::size_t topic;
    std::size_t position;
  };
  [[nodiscard]] std::size_t pair_at(std::size_t topic, std::size_t a, std::size_t b) const;

  std::size_t topics_;
  std::size_t listed_ = 0;                      ///< words of a topic
  std::vector<std::vector<Listing>> listings_;  ///< [words] where a word is listed
  /// Documents, then for each topic and pair of positions (a <= b) those that hold both.
  std::vector<double> sums_;
  std::vector<std::vector<std::size_t>> found_;  ///< [topics] positions in the document at hand
};

/// Mean of what is not NaN; NaN where nothing is left.
double mean_of(std::span<const double> values);

}  // namespace millrace::ntm
