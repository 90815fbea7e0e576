#include "trainer/algorithms/ntm/topic_words.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::ntm {
namespace {

TEST(TopicWords, DocumentsTellTheWordsOfWhatTheyAreMostlyAbout) {
  // Word 0 twice and word 2 once in a document that is mostly of topic 0; word 1 in one of topic 1.
  const Documents documents{.starts = {0, 2, 3},
                            .words = {0, 2, 1},
                            .counts = {2, 1, 4},
                            .totals = {3, 4},
                            .rows = {0, 1}};
  TopicWords words(4, 2);
  words.add(documents, std::vector<float>{0.5F, 0.25F, 0, 1});
  const float high = 1.0F / 16, low = 1.0F / 256;
  EXPECT_EQ(words.sums()[0], 2 * high);
  EXPECT_EQ(words.sums()[1], 2 * low);
  EXPECT_EQ(words.sums()[3], 4);
  EXPECT_EQ(words.sums()[4], high);
  words.clear();
  EXPECT_EQ(words.sums()[0], 0);
}

TEST(TopicWords, LogitsGiveWordsTheirPartsAndUnseenOnesLittle) {
  // Three words, two topics, of which the second has no words at all.
  const std::vector<float> logits = word_logits({6, 0, 2, 0, 0, 0}, 2);
  EXPECT_NEAR(logits[0] - logits[2], std::log(3.0), 1e-6);
  EXPECT_NEAR(logits[4], std::log(1e-3 * 8 / 3), 1e-6);
  for (const float logit : logits) EXPECT_TRUE(std::isfinite(logit));
}

}  // namespace
}  // namespace millrace::ntm
