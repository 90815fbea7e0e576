#include "core/lists/class_mapping.h"

#include <gmock/gmock.h>

#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::HasSubstr;

std::string mapped(const char* rows, std::string_view mapping) {
  const List list = list_of(rows);
  RowStore store;
  return text_of(
      remap(list.rows(), list.origin(), ClassMapping::parse(mapping, "map.txt"), store).rows);
}

TEST(ClassMapping, MergesSplitsExchangesAndDropsClasses) {
  EXPECT_EQ(mapped("0 3 a;1 4 b;2 5 c", "# merge\n3, 4 -> 3\n"), "0 3 a;1 3 b;2 5 c");
  EXPECT_EQ(mapped("0 1 a;1 2 b", "1 -> 2\n2 -> 1"), "0 2 a;1 1 b");
  EXPECT_EQ(mapped("0 5 a/x;1 5 b/x;2 6 a/y", "5 -> 7 where folder = a\n5->8"),
            "0 7 a/x;1 8 b/x;2 6 a/y");
  EXPECT_EQ(mapped("0 5 a;1 6 b;2 7 c", "6 -> drop\n7 -> 7\n* -> 0"), "0 0 a;2 7 c");
  EXPECT_EQ(mapped("0 5 a/x;1 5 b/x", "* -> 9 where folder = b\n5 -> 7"), "0 7 a/x;1 9 b/x");
}

TEST(ClassMapping, CountsWhatBecameOfEachClass) {
  const List list = list_of("0 3 a;1 3 b;2 4 c;3 9 d");
  RowStore store;
  const Remapped done =
      remap(list.rows(), "t", ClassMapping::parse("3 -> 1\n4 -> drop\n", "m"), store);
  EXPECT_EQ(done.counts.at({3, 1}), 2);
  EXPECT_EQ(done.counts.at({4, std::nullopt}), 1);
  EXPECT_EQ(done.counts.at({9, 9}), 1);
  EXPECT_EQ(done.dropped_rows, 1);
}

TEST(ClassMapping, BoxesAreMappedOneByOneAndTheRestStaysAsItStood) {
  EXPECT_EQ(mapped("0 2 5 1 0.1000 0 1 1 3 0 0 1 1 a;1 2 5 3 0 0 1 1 b", "1 -> 2\n3 -> drop"),
            "0 2 5 2 0.1 0 1 1 a");
  EXPECT_EQ(mapped("0 2 5 1 0.1000 0 1 1 3 0 0 1 1 a", "1 -> 2"),
            "0 2 5 2 0.1000 0 1 1 3 0 0 1 1 a");
}

TEST(ClassMapping, ColumnsBecomeOneWhereClassesDo) {
  EXPECT_EQ(mapped("0 1 0 1 a;1 0 1 0 b;2 0 0 0 c", "2 -> 0"), "0 1 0 a;1 0 1 b;2 0 0 c");
  EXPECT_EQ(mapped("0 1 0 1 a;1 0 1 0 b", "1 -> 4 where index > 7"), "0 1 0 1 0 0 a;1 0 1 0 0 0 b");
  EXPECT_EQ(mapped("0 1 0 1.0 a;1 0 1 1 b", "0 -> drop"), "0 0 0 1.0 a;1 0 1 1 b");
}

TEST(ClassMapping, RowsThatAreNoClassesAreRefusedByName) {
  EXPECT_THAT(refusal_of([] { return mapped("0 1 0 a;1 0 b", "0 -> 1"); }),
              HasSubstr("train.lst: got \"rows with different numbers of labels\""));
  EXPECT_THAT(refusal_of([] { return mapped("0 1 0 a;1 0 1 b", "1 -> 0"); }),
              HasSubstr("train.lst: got \"1 column\", expected 2 to 65536 columns"));
  EXPECT_THAT(refusal_of([] { return mapped("0 1 0 a;1 0 1 b", "1 -> 9999999"); }),
              HasSubstr("train.lst: got \"10000000 columns\""));
  EXPECT_THAT(refusal_of([] { return mapped("0 1 a;4 1.5 b", "1 -> 2"); }),
              HasSubstr("train.lst, line 2: got \"1.5\", expected a class"));
}

TEST(ClassMapping, MistakesAreToldByLine) {
  const auto told = [](std::string_view text) {
    return refusal_of([&] { return ClassMapping::parse(text, "map.txt"); });
  };
  EXPECT_THAT(told("\n3 4"), HasSubstr("map.txt, line 2: got \"3 4\", expected old -> new"));
  EXPECT_THAT(told("cat -> 3"), HasSubstr("line 1: got \"cat\", expected a class"));
  EXPECT_THAT(told("3 -> x"), HasSubstr("got \"x\", expected a class"));
  EXPECT_THAT(told("3 -> 16777217"), HasSubstr("a whole number from 0 to 16777216"));
  EXPECT_THAT(told("3 -> 4 where lable = 1"), HasSubstr("map.txt, line 1, character 14"));
  EXPECT_THAT(told("  3 -> 4 where path ~ \"\xC3\xA4\" label"), HasSubstr("line 1, character 27"));
  EXPECT_THAT(told("3 -> 4\n3 -> 5 where index < 3"), HasSubstr("line 2"));
  EXPECT_THAT(told("* -> 4\n3 -> 5"), HasSubstr("expected classes that no earlier rule takes"));
  EXPECT_THAT(told("# nothing\n"), HasSubstr("map.txt: got \"no rules\""));
  for (const char* text : {"-1 -> 2", "3, -> 2", "3 ->", "-> 3", "3 -> 4 where"})
    EXPECT_NE(told(text), "accepted") << text;
}

TEST(ClassMapping, GapsAreClosedAlikeInAllLists) {
  const List train = list_of("0 2 a;1 7 b"), validation = list_of("2 7 c;3 9 d");
  std::vector<std::vector<LstRow>> lists = {{train.rows().begin(), train.rows().end()},
                                            {validation.rows().begin(), validation.rows().end()}};
  RowStore store;
  const auto numbers = close_gaps(lists, store);
  EXPECT_EQ(numbers, (std::map<std::int64_t, std::int64_t>{{2, 0}, {7, 1}, {9, 2}}));
  EXPECT_EQ(text_of(lists[0]), "0 0 a;1 1 b");
  EXPECT_EQ(text_of(lists[1]), "2 1 c;3 2 d");
}

TEST(ClassMapping, ColumnsThatNoRowHasAreGaps) {
  const List train = list_of("0 1 0 0 0 a;1 0 0 0 0 b"), validation = list_of("2 0 0 1 0 c");
  std::vector<std::vector<LstRow>> lists = {{train.rows().begin(), train.rows().end()},
                                            {validation.rows().begin(), validation.rows().end()}};
  RowStore store;
  (void)close_gaps(lists, store);
  EXPECT_EQ(text_of(lists[0]), "0 1 0 a;1 0 0 b");
  EXPECT_EQ(text_of(lists[1]), "2 0 1 c");
}

TEST(ClassMapping, AColumnThatIsLeftAloneIsNotTakenForAClass) {
  const List list = list_of("0 0 1 0 a;1 0 1 0 b");
  std::vector<std::vector<LstRow>> lists = {{list.rows().begin(), list.rows().end()}};
  RowStore store;
  EXPECT_THAT(refusal_of([&] { return close_gaps(lists, store); }),
              HasSubstr("closing gaps: got \"1 column\", expected 2 to 65536 columns"));
}

}  // namespace
}  // namespace millrace::lists
