#include "trainer/algorithms/ntm/topics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::ntm {
namespace {

Documents documents(const std::vector<std::vector<std::int64_t>>& words) {
  Documents all;
  for (const auto& document : words) {
    TabularBatch batch;
    batch.clear(true);
    Row row{.sparse = true, .columns = 8, .indices = document, .values = {}};
    row.values.assign(document.size(), 2);
    batch.append(row);
    all.add(batch, 0, nullptr);
  }
  return all;
}

TEST(Topics, AreTheLargestWeightsOfEachColumn) {
  // Words 0 to 3, two topics.
  const std::vector<float> weights{1, 9, 3, 9, 2, 0, 3, -1};
  EXPECT_EQ(top_words(weights, 2, 3), (std::vector<Topic>{{1, 3, 2}, {0, 1, 2}}));
  EXPECT_EQ(top_words(weights, 2, 20)[0].size(), 4U);
}

TEST(Topics, UniquenessFallsWithTheListsThatShareAWord) {
  // TU of the first: (1/2 + 1) / 2; of the second (1/2 + 1/2) / 2 after the third shares a word.
  const std::vector<double> values = uniqueness({{0, 1}, {0, 2}, {2, 3}});
  EXPECT_DOUBLE_EQ(values[0], 0.75);
  EXPECT_DOUBLE_EQ(values[1], 0.5);
  EXPECT_DOUBLE_EQ(values[2], 0.75);
}

TEST(Topics, EmbeddingCoherenceIsTheMeanCosineOfKnownWords) {
  Vocabulary vocabulary;
  vocabulary.embeddings = {{0, {1, 0}}, {1, {0, 1}}, {2, {0.6F, 0.8F}}};
  const std::vector<double> values = embedding_coherence({{0, 1, 2, 7}, {0, 7}}, vocabulary);
  EXPECT_NEAR(values[0], (0 + 0.6 + 0.8) / 3, 1e-6);
  EXPECT_TRUE(std::isnan(values[1]));
}

TEST(Topics, NpmiFollowsBoumasFormula) {
  // Of 5 documents, 2 hold words 0 and 1 both, 3 hold 0, 2 hold 1; 0 and 2 never meet.
  Coherence coherence({{0, 1}, {0, 2}}, 8);
  coherence.add(documents({{0, 1}, {0, 1, 5}, {0}, {2}, {}}));
  const std::vector<double> values = coherence.means();
  EXPECT_NEAR(values[0], std::log(0.4 / (0.6 * 0.4)) / -std::log(0.4), 1e-12);
  EXPECT_EQ(values[1], -1);
  EXPECT_NEAR(mean_of(values), (values[0] - 1) / 2, 1e-12);
}

TEST(Topics, WordsThatMeetInEveryDocumentHaveNpmiOne) {
  Coherence coherence({{0, 1}}, 8);
  coherence.add(documents({{0, 1}, {0, 1}}));
  EXPECT_EQ(coherence.means()[0], 1);
}

TEST(Topics, CountsOfHostsAddUp) {
  Coherence whole({{0, 1}}, 8), first({{0, 1}}, 8), second({{0, 1}}, 8);
  const Documents a = documents({{0, 1}, {0}}), b = documents({{1}, {3}});
  whole.add(a);
  whole.add(b);
  first.add(a);
  second.add(b);
  for (std::size_t i = 0; i < first.sums().size(); ++i) first.sums()[i] += second.sums()[i];
  EXPECT_EQ(first.means(), whole.means());
}

}  // namespace
}  // namespace millrace::ntm
