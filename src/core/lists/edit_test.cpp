#include "core/lists/edit.h"

#include <gmock/gmock.h>

#include "core/lists/append.h"
#include "core/lists/relabel.h"
#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::HasSubstr;

constexpr const char* kBoxes = "0 2 5 1 0 0 1 1 a;1 2 5 3 0 0 1 1 b";

TEST(Append, RowsGetTheNextIndexAndLabelsThatFit) {
  const List list = list_of("3 1 a;7 2 b");
  const std::vector<float> one = {5}, two = {0, 1};
  Appender rows(list);
  rows.add("c", one, "path");
  rows.add("d", one, "path");
  EXPECT_EQ(text_of(rows.rows()), "3 1 a;7 2 b;8 5 c;9 5 d");
  EXPECT_EQ(refusal_of([&] { return rows.add("c", one, "path"), 0; }),
            "path: got \"c\", expected a picture that train.lst has no row of. Relabel the row it "
            "has.");
  EXPECT_EQ(refusal_of([&] { return rows.add("e", two, "path"), 0; }),
            "path, for train.lst (one class a row): got \"labels 0, 1\", expected one label, as "
            "its rows have.");
}

TEST(Append, AListOfBoxesTakesBoxesOnly) {
  const List list = list_of(kBoxes);
  Appender rows(list);
  const std::vector<float> boxes = {2, 6, 1, 0, 0, 1, 1, 0}, one = {5};
  rows.add("c", boxes, "path");
  EXPECT_EQ(rows.added(), 1);
  EXPECT_THAT(refusal_of([&] { return rows.add("d", one, "path"), 0; }),
              HasSubstr("expected header and boxes"));
}

TEST(Relabel, ChangesTheRowsThatAreMeant) {
  const List list = list_of("0 1 a;1 2 b;2 1 c");
  Relabeller relabeller(list);
  relabeller.choose({"a", "b"}, Query::parse("label = 1", "query"));
  relabeller.give(std::vector<float>{9});
  EXPECT_EQ(text_of(relabeller.rows()), "0 9 a;1 2 b;2 1 c");
  EXPECT_EQ(relabeller.changed(), 1);
  EXPECT_THAT(refusal_of([&] { return relabeller.choose({"x"}, Query()), 0; }),
              HasSubstr("got \"x\", expected a path that train.lst has"));
}

TEST(Relabel, ColumnsAreChangedByNumber) {
  const List list = list_of("0 1 0 1 a;1 0 0 0 b");
  Relabeller relabeller(list);
  relabeller.choose({}, Query::parse("class = 2", "query"));
  relabeller.give_columns(std::vector<ColumnChange>{{0, 0}, {1, 1}});
  EXPECT_EQ(text_of(relabeller.rows()), "0 0 1 1 a;1 0 0 0 b");
  EXPECT_THAT(refusal_of([&] {
                return relabeller.give_columns(std::vector<ColumnChange>{{3, 1}}), 0;
              }),
              HasSubstr("train.lst, line 1: got \"label[3]\", expected a label column below 3"));
}

TEST(Relabel, ALabelOfItsOwnForARowOfBoxesIsRefusedAndAnotherListsBoxesAreTaken) {
  const List list = list_of(kBoxes), other = list_of("9 2 5 7 0 0 1 1 b;8 2 5 0 0 0 1 1 x");
  Relabeller relabeller(list);
  relabeller.choose({}, Query());
  EXPECT_THAT(refusal_of([&] { return relabeller.give(std::vector<float>{1}), 0; }),
              HasSubstr("train.lst: got \"boxes\", expected one label a row"));
  relabeller.follow(other);
  EXPECT_EQ(text_of(relabeller.rows()), "0 2 5 1 0 0 1 1 a;1 2 5 7 0 0 1 1 b");
  const List classes = list_of("3 1 x;4 7 b", "other.lst");
  EXPECT_THAT(refusal_of([&] { return relabeller.follow(classes), 0; }),
              HasSubstr("other.lst, line 2, for train.lst (boxes): got \"labels 7\""));
}

TEST(ReplacePaths, ExchangesOnePictureOrTheBeginningOfMany) {
  const List list = list_of("0 1 raw/a;1 2 raw/b;2 3 c");
  RowStore store;
  std::vector<LstRow> rows(list.rows().begin(), list.rows().end());
  EXPECT_EQ(replace_paths(rows, {.from = "c", .to = "d"}, "t", store).size(), 1U);
  EXPECT_EQ(replace_paths(rows, {.from = "raw/", .to = "", .prefix = true}, "t", store).size(), 2U);
  EXPECT_EQ(text_of(rows), "0 1 a;1 2 b;2 3 d");
  const auto told = [&](const PathChange& change) {
    return refusal_of([&] { return replace_paths(rows, change, "t", store); });
  };
  EXPECT_EQ(told({.from = "x", .to = "y"}), "t: got \"x\", expected a path it has.");
  EXPECT_EQ(told({.from = "a", .to = "b"}),
            "t, line 1: got \"b\", expected a picture that no other row has.");
}

TEST(Sort, IsStableByEveryKey) {
  const List list = list_of("5 1 b;3 0 c;9 1 a;4 0 d");
  const auto sorted = [&](SortKey key, bool descending) {
    std::vector<LstRow> rows(list.rows().begin(), list.rows().end());
    sort_rows(rows, key, descending, 7);
    return text_of(rows);
  };
  EXPECT_EQ(sorted(SortKey::Index, false), "3 0 c;4 0 d;5 1 b;9 1 a");
  EXPECT_EQ(sorted(SortKey::Path, true), "4 0 d;3 0 c;5 1 b;9 1 a");
  EXPECT_EQ(sorted(SortKey::Label, false), "3 0 c;4 0 d;5 1 b;9 1 a");
  EXPECT_EQ(sorted(SortKey::Label, true), "5 1 b;9 1 a;3 0 c;4 0 d");
  EXPECT_EQ(sorted(SortKey::Random, false), sorted(SortKey::Random, false));
}

}  // namespace
}  // namespace millrace::lists
