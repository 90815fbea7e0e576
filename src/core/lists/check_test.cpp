#include "core/lists/check.h"

#include <gmock/gmock.h>

#include <deque>

#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::HasSubstr;

/// The kinds of faults that lists have, with their number, "index 1 gap 2"; `said` has the texts.
class CheckTest : public ::testing::Test {
 protected:
  std::string found(const std::vector<const char*>& texts, const CheckOptions& options = {}) {
    std::deque<List> lists;
    std::vector<CheckedList> checked;
    for (const char* text : texts) {
      lists.push_back(list_of(text, texts.size() == 1 ? "a.lst"
                                    : lists.empty()   ? "a.lst"
                                                      : "b.lst"));
      checked.push_back({.list = &lists.back(), .strays = {}});
    }
    return run(checked, options);
  }

  std::string run(const std::vector<CheckedList>& checked, const CheckOptions& options) {
    Findings findings(10);
    check(checked, options, findings);
    std::string text;
    said_.clear();
    for (std::size_t i = 0; i < kFaults; ++i) {
      const auto fault = static_cast<Fault>(i);
      if (findings.count(fault) == 0) continue;
      text += (text.empty() ? "" : " ") + std::string(name_of(fault)) + " " +
              std::to_string(findings.count(fault));
      for (const Problem& problem : findings.first(fault)) said_ += describe(problem) + "\n";
    }
    return text;
  }

  std::string said_;
};

TEST_F(CheckTest, AListWithoutFaultHasNone) {
  EXPECT_EQ(found({"0 0 a;1 1 b", "2 0 c;3 1 d"}), "");
  EXPECT_EQ(found({"0 1 0 a;1 0 1 b"}), "");
  EXPECT_EQ(found({"0 2 5 0 .1 .2 .5 .6 a;1 2 5 1 0 0 1 1 b"}), "");
}

TEST_F(CheckTest, RepeatedIndicesAndPicturesAreNamedWithBothPlaces) {
  EXPECT_EQ(found({"7 0 a;7 0 b;8 0 a"}), "index 1 path 1");
  EXPECT_THAT(said_, HasSubstr("a.lst, line 2, column 1: got \"7\", expected an index of its own: "
                               "a.lst, line 1 has the same"));
  EXPECT_EQ(found({"0 0 a", "0 0 a"}), "index 1 leak 1");
  EXPECT_THAT(said_, HasSubstr("b.lst, line 1: got \"a\", expected a picture that no other list "
                               "has: a.lst, line 1 has it too"));
}

TEST_F(CheckTest, ClassesWithoutRowsAreGaps) {
  EXPECT_EQ(found({"0 0 a;1 3 b"}), "gap 2");
  EXPECT_THAT(said_, HasSubstr("a.lst, class 1: got \"no rows\""));
  EXPECT_EQ(found({"0 0 a;1 1 b", "2 0 c"}), "gap 1");
  EXPECT_EQ(found({"0 0 a;1 1 b"}, {.classes = 3}), "gap 1");
  EXPECT_EQ(found({"0 1 0 a;1 1 0 b"}), "gap 1");
  EXPECT_EQ(found({""}), "gap 1");
}

TEST_F(CheckTest, LabelsThatAreNoClassOrAnotherFormAreFound) {
  EXPECT_EQ(found({"0 0 a;1 -1 b;2 .5 c"}), "label 2");
  EXPECT_EQ(found({"0 0 a;1 1 b;2 2 c"}, {.classes = 2}), "label 1");
  EXPECT_EQ(found({"0 0 a;1 0 1 b"}), "label 1");
  EXPECT_THAT(said_, HasSubstr("a.lst, line 2: got \"0, 1\", expected 1 label columns"));
  EXPECT_EQ(found({"0 2 5 0 0 0 1 1 a;1 2 5 0 0 0 1 b"}), "label 1");
  EXPECT_EQ(found({"0 1 0 1 a;1 0 1 0 b"}, {.classes = 2}), "label 1");
  EXPECT_THAT(said_, HasSubstr("a.lst: got \"3 label columns\", expected 2, one for each class"));
}

TEST_F(CheckTest, BoxesWithoutAreaOrOutsideThePictureAreFound) {
  EXPECT_EQ(found({"0 2 5 0 .5 .2 .1 .6 a;1 2 5 0 0 0 2 1 b;2 2 5 0 .1 .1 .2 .2 c"}), "box 2");
  EXPECT_THAT(said_, HasSubstr("a.lst, line 1, box 0: got \"0, "));
}

TEST_F(CheckTest, FilesAreHeldAgainstTheRowsOfAllLists) {
  const std::vector<std::string> files = {"a", "b", "c", "d"};
  EXPECT_EQ(found({"0 0 a;1 0 x", "2 0 b;3 0 ../c"}, {.files = &files}),
            "outside 1 dangling 1 unlisted 2");
  EXPECT_THAT(said_, HasSubstr("a.lst, line 2: got \"x\", expected an image that is there"));
  EXPECT_THAT(said_, HasSubstr("c: got \"no row\""));
}

TEST_F(CheckTest, StrayLinesCount) {
  std::vector<StrayLine> strays;
  const List list = List::parse("0\t0\ta\nhello\n", "a.lst", strays);
  EXPECT_EQ(run({{.list = &list, .strays = strays}}, {}), "stray 1");
  EXPECT_THAT(said_, HasSubstr("a.lst, line 2"));
}

TEST(Findings, CountsAllAndKeepsTheFirst) {
  Findings findings(2);
  for (int i = 0; i < 5; ++i) findings.add(Fault::Gap, {.where = std::to_string(i)});
  EXPECT_EQ(findings.count(Fault::Gap), 5);
  EXPECT_EQ(findings.first(Fault::Gap).size(), 2U);
  EXPECT_EQ(findings.total(), 5);
  EXPECT_TRUE(findings.full(Fault::Gap));
  findings.count_more(Fault::Gap);
  EXPECT_EQ(findings.count(Fault::Gap), 6);
  EXPECT_FALSE(findings.full(Fault::Stray));
}

}  // namespace
}  // namespace millrace::lists
