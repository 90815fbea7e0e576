#include "platform/console/lists/row_pages.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "platform/console/lists/list_contents.h"
#include "platform/console/lists/lists_for_test.h"

namespace millrace::console {
namespace {

class RowPagesTest : public ListFixture {
 protected:
  static ShownRows shown(const std::string& identity, const std::string& text) {
    auto list = std::make_shared<const lists::List>(lists::List::parse(text, "a.lst"));
    return {.rows = list->rows(),
            .form = lists::form_of(list->rows()),
            .origin = "a.lst",
            .identity = identity,
            .owner = list};
  }
  static std::vector<int> indices(RowPages& pages, const ShownRows& rows, const char* query) {
    Asked asked("ana");
    asked.call.query = aws::Parameters(query);
    std::vector<int> found;
    const Json page = pages.page(asked.call, rows);
    for (const Json& row : page["Rows"]) found.push_back(row["index"]);
    return found;
  }
};

constexpr const char* kRows = "0\t2\tc.jpg\n1\t1\ta.jpg\n2\t2\tb.jpg\n";

TEST_F(RowPagesTest, PagesOfOneOrderFollowEachOther) {
  RowPages pages;
  const ShownRows rows = shown("one", kRows);
  EXPECT_EQ(indices(pages, rows, "sort=path&limit=2"), (std::vector{1, 2}));
  EXPECT_EQ(indices(pages, rows, "sort=path&limit=2&from=2"), (std::vector{0}));
  EXPECT_EQ(indices(pages, rows, "sort=path&order=descending"), (std::vector{0, 2, 1}));
  EXPECT_EQ(indices(pages, rows, "where=label%20%3D%202"), (std::vector{0, 2}));
  EXPECT_EQ(indices(pages, rows, "limit=1"), (std::vector{0}));
  EXPECT_THROW(indices(pages, rows, "sort=colour"), Error);
  EXPECT_THROW(indices(pages, rows, "where=colour"), Error);
}

TEST_F(RowPagesTest, OtherRowsAreNotTakenForTheSame) {
  RowPages pages;
  EXPECT_EQ(indices(pages, shown("one", kRows), "sort=label"), (std::vector{1, 0, 2}));
  EXPECT_EQ(indices(pages, shown("two", "9\t1\tz.jpg\n"), "sort=label"), (std::vector{9}));
}

TEST_F(RowPagesTest, KeepsNoListThatNobodyElseKeeps) {
  RowPages pages;
  std::weak_ptr<const void> list;
  {
    const ShownRows rows = shown("one", kRows);
    list = rows.owner;
    EXPECT_EQ(indices(pages, rows, "sort=path"), (std::vector{1, 2, 0}));
  }
  EXPECT_TRUE(list.expired());
  EXPECT_EQ(indices(pages, shown("one", kRows), "sort=path"), (std::vector{1, 2, 0}));
}

TEST_F(RowPagesTest, KeepsTheLastOrdersOfSoManyBytes) {
  RowPages pages(3 * sizeof(LstRow) + 1);
  for (int i = 0; i < 5; ++i) indices(pages, shown(std::to_string(i), kRows), "sort=path");
  EXPECT_EQ(pages.kept_bytes(), 3 * sizeof(LstRow));
}

}  // namespace
}  // namespace millrace::console
