#include "platform/console/lists/list_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::console {
namespace {

constexpr const char* kRows = "0\t1.0\ta.jpg\r\n1\t2\tb.jpg\n2\t1\tc.jpg\n3\t2\tb.jpg\n";

std::shared_ptr<const ListContent> content(const std::string& rows = kRows) {
  lists::List list = lists::List::parse(rows, "a.lst");
  const lists::Form form = lists::form_of(list.rows());
  return std::make_shared<const ListContent>(
      ListContent{.hash = "h", .bytes = 0, .list = std::move(list), .form = form});
}

Json edit(const char* text) {
  return parse_json(text, "edit");
}

TEST(EditedList, EveryEditIsTakenBackExactly) {
  const std::vector<const char*> edits{
      R"({"Do":"relabel","Paths":["b.jpg"],"Labels":[5]})",
      R"({"Do":"remove","Where":"label = 1"})",
      R"({"Do":"add","Rows":[{"path":"d.jpg","labels":[3]},{"path":"e.jpg","labels":[4]}]})",
      R"({"Do":"relabel","Paths":["d.jpg"],"Labels":[9]})",
      R"({"Do":"remap","Mapping":"5 -> 6\n"})",
      R"({"Do":"remove","Paths":["e.jpg"]})",
      R"({"Do":"add","Rows":[{"path":"a.jpg","labels":[3]}]})",
      R"({"Do":"remove","Paths":["a.jpg","d.jpg"]})",
  };
  EditedList list(content());
  std::vector<std::string> states{list.text()};
  for (const char* text : edits) {
    list.apply(edit(text));
    states.push_back(list.text());
  }
  for (std::size_t i = states.size(); i-- > 0;) {
    EXPECT_EQ(list.text(), states[i]) << i;
    EXPECT_EQ(list.undo(), i > 0);
  }
  // And what comes after is as if they had never been.
  for (std::size_t i = 0; i < edits.size(); ++i) {
    list.apply(edit(edits[i]));
    EXPECT_EQ(list.text(), states[i + 1]);
  }
}

TEST(EditedList, APathThatIsNamedTwiceIsMeantOnce) {
  EditedList list(content());
  EXPECT_EQ(list.apply(edit(R"({"Do":"remove","Paths":["b.jpg","a.jpg","b.jpg","b.jpg"]})")), 3);
  EXPECT_EQ(list.rows().size(), 1U);
  EXPECT_TRUE(list.undo());
  EXPECT_EQ(list.rows().size(), 4U);
}

TEST(EditedList, AnAddedRowIsFoundByItsPathUntilItIsTakenBack) {
  EditedList list(content());
  list.apply(edit(R"({"Do":"remove","Paths":["a.jpg"]})"));  // paths are indexed from here on
  list.apply(edit(R"({"Do":"add","Rows":[{"path":"new.jpg","labels":[3]}]})"));
  EXPECT_THROW(list.apply(edit(R"({"Do":"add","Rows":[{"path":"new.jpg","labels":[3]}]})")), Error);
  EXPECT_EQ(list.apply(edit(R"({"Do":"relabel","Paths":["new.jpg"],"Labels":[7]})")), 1);
  EXPECT_TRUE(list.undo());
  EXPECT_TRUE(list.undo());
  EXPECT_THROW(list.apply(edit(R"({"Do":"relabel","Paths":["new.jpg"],"Labels":[7]})")), Error);
  EXPECT_EQ(list.apply(edit(R"({"Do":"add","Rows":[{"path":"new.jpg","labels":[3]}]})")), 1);
}

TEST(EditedList, AnEditThatIsRefusedChangesNothing) {
  for (const char* wrong :
       {R"({"Do":"relabel","Paths":["a.jpg","none.jpg"],"Labels":[5]})",
        R"({"Do":"relabel","Paths":["a.jpg"],"Labels":[1e39]})",
        R"({"Do":"add","Rows":[{"path":"x.jpg","labels":[1]},{"path":"a.jpg","labels":[1]}]})",
        R"({"Do":"add","Rows":[{"path":"x\ty.jpg","labels":[1]}]})",
        R"({"Do":"remap","Mapping":"1 ->"})", R"({"Do":"remove"})", R"([])"}) {
    EditedList list(content());
    const std::string before = list.text();
    EXPECT_THROW(list.apply(edit(wrong)), Error) << wrong;
    EXPECT_EQ(list.text(), before) << wrong;
    EXPECT_FALSE(list.undo());
  }
}

TEST(EditedList, RepeatedPathsAreAllMeant) {
  EditedList list(content());
  EXPECT_EQ(list.apply(edit(R"({"Do":"relabel","Paths":["b.jpg","b.jpg"],"Labels":[5]})")), 2);
}

TEST(EditedList, WhatUndoingNeedsIsForgottenBeyondALimit) {
  EditedList list(content(), {.undo_bytes = 1000});
  for (int i = 0; i < 20; ++i)
    list.apply(edit(R"({"Do":"relabel","Paths":["a.jpg"],"Labels":[5]})"));
  int undone = 0;
  while (list.undo()) ++undone;
  EXPECT_GT(undone, 0);
  EXPECT_LT(undone, 20);
}

TEST(EditedList, SearchesAreCountedAndLimited) {
  EditedList list(content(), {.searched_rows = 10});
  const Json search = edit(R"({"Do":"relabel","Where":"label = 2","Labels":[2]})");
  list.apply(search);
  list.apply(search);
  EXPECT_THAT([&] { list.apply(search); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("together at most 10")));
  EXPECT_TRUE(list.undo());
  list.apply(search);  // what was taken back does not count
  list.apply(edit(R"({"Do":"relabel","Paths":["a.jpg"],"Labels":[5]})"));
}

}  // namespace
}  // namespace millrace::console
