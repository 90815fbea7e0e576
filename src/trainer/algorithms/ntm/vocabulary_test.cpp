#include "trainer/algorithms/ntm/vocabulary.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "trainer/job/job_folder.h"
#include "trainer/job/served_fifos_for_test.h"

namespace millrace::ntm {
namespace {

using Files = std::map<std::string, std::string>;

Vocabulary read(const Files& files, std::int64_t feature_dim = 3) {
  JobFolder folder({});
  folder.add_channel({.name = "auxiliary", .content_type = "text/plain"}, files);
  return read_vocabulary(Job(folder.paths(), {}), feature_dim);
}

std::string refusal(const Files& files) {
  try {
    read(files);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Vocabulary, HoldsAWordALine) {
  const Vocabulary vocabulary = read({{"vocab.txt", "god\r\njes\xc3\xbas\nspace"}});
  EXPECT_EQ(vocabulary.words, (std::vector<std::string>{"god", "jes\xc3\xbas", "space"}));
  EXPECT_EQ(vocabulary.name(2), "space");
}

TEST(Vocabulary, WithoutAChannelWordsAreTheirIds) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {});
  EXPECT_EQ(read_vocabulary(Job(folder.paths(), {}), 3).name(2), "2");
}

TEST(Vocabulary, ComesThroughAPipe) {
  JobFolder folder({});
  folder.add_channel({.name = "auxiliary", .input_mode = "Pipe", .content_type = "text/plain"}, {});
  const ServedFifos fifos(folder.paths(), "auxiliary", {"a\nb\nc\n"});
  EXPECT_EQ(read_vocabulary(Job(folder.paths(), {}), 3).words.size(), 3U);
}

TEST(Vocabulary, OtherNumbersOfLinesAreRefused) {
  const std::string few = refusal({{"vocab.txt", "a\nb\n"}});
  EXPECT_NE(few.find("channel 'auxiliary', vocab.txt: got \"2 lines\", expected 3"),
            std::string::npos)
      << few;
  EXPECT_NE(refusal({{"vocab.txt", "a\n\nb\n"}}).find("line 2"), std::string::npos);
  EXPECT_NE(refusal({{"words.txt", "a\nb\nc\n"}}).find("no vocab.txt"), std::string::npos);
}

TEST(Vocabulary, EmbeddingsAreOfLengthOneAndOfKnownWords) {
  const Vocabulary vocabulary =
      read({{"vocab.txt", "a\nb\nc\n"}, {"embeddings.txt", "b 3 4\nelse 1 1\nc 0 0\n"}});
  ASSERT_EQ(vocabulary.embeddings.size(), 1U);
  EXPECT_EQ(vocabulary.embeddings.at(1), (std::vector<float>{0.6F, 0.8F}));
}

TEST(Vocabulary, EmbeddingsThatCannotBeReadAreRefused) {
  const auto refused = [](const std::string& text) {
    return refusal({{"vocab.txt", "a\nb\nc\n"}, {"embeddings.txt", text}});
  };
  EXPECT_NE(refused("a 1 2\nb 1 x\n").find("embeddings.txt, line 2"), std::string::npos);
  EXPECT_NE(refused("a 1 2\nb 1\n").find("1 numbers"), std::string::npos);
  EXPECT_NE(refused("a\n").find("embeddings.txt, line 1"), std::string::npos);
}

}  // namespace
}  // namespace millrace::ntm
