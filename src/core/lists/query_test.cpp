#include "core/lists/query.h"

#include <gmock/gmock.h>

#include "core/lists/glob.h"
#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPets =
    "0 3 cats/1.jpg;1 3 cats/2_blurred.jpg;2 4 dogs/big/3.jpg;9 0.1 top.png";

/// Indices of the rows that a query means, as text.
std::string meant(std::string_view query, const char* rows = kPets) {
  const List list = list_of(rows);
  std::string indices;
  for (const LstRow& row : select(list.rows(), Query::parse(query, "query"), list.origin()))
    indices += (indices.empty() ? "" : " ") + std::to_string(row.index);
  return indices;
}

TEST(Query, TestsAreJoinedByAndOrAndNot) {
  EXPECT_EQ(meant("label = 3"), "0 1");
  EXPECT_EQ(meant("label = 3 and not path ~ *blurred*"), "0");
  EXPECT_EQ(meant("label == 4 or index < 1"), "0 2");
  EXPECT_EQ(meant("index = 9 or label = 3 and path ~ *1.jpg"), "0 9");
  EXPECT_EQ(meant("(index = 9 or label = 3) and path ~ *1.jpg"), "0");
  EXPECT_EQ(meant("NOT (label in (3, 4))"), "9");
  EXPECT_EQ(meant("not not label=3"), "0 1");
}

TEST(Query, EveryFieldCanBeAskedFor) {
  EXPECT_EQ(meant("index >= 2"), "2 9");
  EXPECT_EQ(meant("line = 4"), "9");
  EXPECT_EQ(meant("label = 0.1"), "9");  // the float that 0.1 became
  EXPECT_EQ(meant("label != 3"), "2 9");
  EXPECT_EQ(meant("folder = cats"), "0 1");
  EXPECT_EQ(meant("folder = dogs/big"), "2");
  EXPECT_EQ(meant("folder = \"\""), "9");
  EXPECT_EQ(meant("name = 3.jpg"), "2");
  EXPECT_EQ(meant("path in ('cats/1.jpg', top.png)"), "0 9");
  EXPECT_EQ(meant("path !~ *.jpg"), "9");
  EXPECT_EQ(meant("labels = 1 and boxes = 0"), "0 1 2 9");
}

TEST(Query, RowsOfSeveralLabelsAreAskedByColumnOrClass) {
  constexpr const char* kTags = "0 1 0 1 a;1 0 0 1 b;2 0 0 0 c";
  EXPECT_EQ(meant("label[2] = 1", kTags), "0 1");
  EXPECT_EQ(meant("label[7] = 0", kTags), "");
  EXPECT_EQ(meant("class = 0", kTags), "0");
  EXPECT_EQ(meant("not class >= 0", kTags), "2");
  constexpr const char* kBoxes = "0 2 5 7 0 0 1 1 3 0 0 1 1 a;1 2 5 3 0 0 1 1 b";
  EXPECT_EQ(meant("class = 7", kBoxes), "0");
  EXPECT_EQ(meant("boxes = 2", kBoxes), "0");
  EXPECT_THAT(refusal_of([&] { return meant("boxes = 1 or label = 3", kBoxes); }),
              HasSubstr("train.lst: got \"boxes\", expected one class a row. Ask for label[N]"));
}

TEST(Query, MistakesAreToldWithTheirPlace) {
  const auto told = [](std::string_view text) {
    return refusal_of([&] { return Query::parse(text, "--where"); });
  };
  EXPECT_EQ(told("lable = 3"),
            "--where, character 1: got \"lable\", expected one of index, line, label, labels, "
            "class, boxes, path, folder, name, label[N]. Did you mean label?");
  EXPECT_THAT(told("label = cat"), HasSubstr("character 9: got \"cat\", expected a number"));
  EXPECT_THAT(told("label ~ 3"), HasSubstr("got \"~\", expected =, !=, <, <=, >, >= or in"));
  EXPECT_THAT(told("path < a"), HasSubstr("got \"<\", expected =, !=, ~, !~ or in"));
  EXPECT_THAT(told("label = 3 label = 4"), HasSubstr("character 11"));
  EXPECT_THAT(told("(label = 3"), HasSubstr("got \"the end\", expected `)`"));
  EXPECT_THAT(told("path = \"a"), HasSubstr("expected a closing quote"));
  EXPECT_THAT(told("label in 3"), HasSubstr("expected `(`"));
  EXPECT_THAT(told("path = \xC3\xA4 x"), HasSubstr("character 10"));
  for (const char* text : {"", "and", "not", "label", "label =", "label[x] = 1", "a = 1 or", "!"})
    EXPECT_NE(told(text), "accepted") << text;
  EXPECT_THAT(told(std::string(5000, '(')), HasSubstr("at most 64 brackets"));
}

TEST(Glob, SignsStandForCharacters) {
  for (const auto& [text, pattern] :
       std::vector<std::pair<const char*, const char*>>{{"cats/1.jpg", "cats/*"},
                                                        {"cats/a/1.jpg", "*1.jpg"},
                                                        {"cats", "c?ts"},
                                                        {"k\xC3\xA4se", "k?se"},
                                                        {"a1", "a[0-9]"},
                                                        {"ab", "a[!0-9]"},
                                                        {"a*b", "a[*]b"},
                                                        {"a]b", "a[]]b"},
                                                        {"a[b", "a[b"},
                                                        {"", "*"},
                                                        {"abcabd", "*abd"}}) {
    EXPECT_TRUE(matches_glob(text, pattern)) << text << " " << pattern;
  }
  for (const auto& [text, pattern] :
       std::vector<std::pair<const char*, const char*>>{{"cats", "cat"},
                                                        {"cat", "cats"},
                                                        {"a", ""},
                                                        {"", "?"},
                                                        {"ab", "a[0-9]"},
                                                        {"A", "a"},
                                                        {"\xE2\x82\xAC"
                                                         "bc",
                                                         "*??bc"},
                                                        {"aXc", "a*b"}}) {
    EXPECT_FALSE(matches_glob(text, pattern)) << text << " " << pattern;
  }
}

TEST(Glob, ManyStarsTakeNoExponentialTime) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(matches_glob(std::string(2000, 'a') + "b", pattern + "c"));
}

}  // namespace
}  // namespace millrace::lists
