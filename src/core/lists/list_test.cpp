#include "core/lists/list.h"

#include <gmock/gmock.h>

#include "core/lists/form.h"
#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(List, HoldsTheSameRowsAsTheStreamReader) {
  const std::string text = "7\t3\ta/b c.jpg\r\n\n  \n12\t0.5\t1e1\t d.png \n0\t1\tlast.jpg";
  const List list = List::parse(text, "train.lst");
  MemorySource source(text);
  LstReader reader(source, "train.lst");
  for (const LstRow& row : list.rows()) {
    const LstEntry* entry = reader.next();
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(row.index, entry->index);
    EXPECT_EQ(std::vector<float>(row.labels.begin(), row.labels.end()), entry->labels);
    EXPECT_EQ(row.path, entry->path);
    EXPECT_EQ(row.line, entry->line);
    EXPECT_EQ(row.text, entry->text);
  }
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(List, RowsStayWhereTheyAreWhenTheListIsMoved) {
  List list = List::parse("1\t2\ta\n", "x");  // short enough to lie within a std::string
  const LstRow row = list.rows()[0];
  const List moved = std::move(list);
  EXPECT_EQ(row.path, "a");
  EXPECT_EQ(moved.rows()[0].path.data(), row.path.data());
}

TEST(List, StrayLinesAreToldByNumberAndTheRestIsKept) {
  std::vector<StrayLine> strays;
  const List list =
      List::parse("0\t1\ta.jpg\nhello\n\n2\tcat\tb.jpg\n3\t1\tc.jpg\n", "t.lst", strays);
  EXPECT_EQ(list.rows().size(), 2U);
  ASSERT_EQ(strays.size(), 2U);
  EXPECT_EQ(strays[0].line, 2);
  EXPECT_THAT(strays[0].problem, HasSubstr("t.lst, line 2: got \"hello\""));
  EXPECT_EQ(strays[1].line, 4);
  EXPECT_THAT(strays[1].problem, HasSubstr("column 2: got \"cat\", expected a label"));
}

TEST(List, TheFormIsReadFromTheLabels) {
  EXPECT_EQ(form_of({}), Form::Empty);
  EXPECT_EQ(form_of(list_of("0 3 a;1 4 b").rows()), Form::Class);
  EXPECT_EQ(form_of(list_of("0 1 0 a;1 0 0 b").rows()), Form::MultiLabel);
  EXPECT_EQ(form_of(list_of("0 1 0 1 0 1 0 1 a").rows()), Form::MultiLabel);
  EXPECT_EQ(form_of(list_of("0 2 5 1 .1 .2 .5 .6 a;1 2 5 0 0 0 1 1 3 0 0 1 1 b").rows()),
            Form::Detection);
  EXPECT_EQ(form_of(list_of("0 4 6 9 9 1 .1 .2 .5 .6 0 a").rows()), Form::Detection);
  EXPECT_EQ(form_of(list_of("0 1 a;1 1 2 b").rows()), Form::Uneven);
  EXPECT_EQ(form_of(list_of("0 2 5 1 .1 .2 .5 .6 a;1 2 5 1 .1 .2 .5 b").rows()), Form::Uneven);
}

TEST(List, TheClassesOfARowAreThoseOfItsForm) {
  std::vector<std::int64_t> classes;
  const auto found = [&](const char* text, Form form) {
    const List list = list_of(text);
    classes_of(list.rows()[0], form, classes);
    return classes;
  };
  EXPECT_THAT(found("0 3 a", Form::Class), ElementsAre(3));
  EXPECT_THAT(found("0 1.5 a", Form::Class), ElementsAre());
  EXPECT_THAT(found("0 1 0 1 a", Form::MultiLabel), ElementsAre(0, 2));
  EXPECT_THAT(found("0 2 5 7 0 0 1 1 3 0 0 1 1 7 0 0 1 1 a", Form::Detection), ElementsAre(3, 7));
}

}  // namespace
}  // namespace millrace::lists
