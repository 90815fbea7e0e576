#include "platform/records/hosting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kAccount = "111122223333";

HostingRow row(const std::string& name, std::int64_t created, const std::string& status = "") {
  return {.account = kAccount,
          .name = name,
          .region = "us-west-2",
          .status = status,
          .created_at = from_millis(created),
          .modified_at = from_millis(created),
          .document = "{}"};
}

class HostingTableTest : public testing::Test {
 protected:
  template <class Use>
  auto with(HostingKind kind, Use&& use) {
    return records_.database().write([&](Connection& connection) {
      HostingTable table(connection, kind);
      return use(table);
    });
  }
  std::vector<std::string> names(HostingKind kind, const ListingQuery& query) {
    std::vector<std::string> found;
    for (const HostingRow& each :
         with(kind, [&](HostingTable& table) { return table.list(query); }))
      found.push_back(each.name);
    return found;
  }

  TemporaryDatabase records_;
};

TEST_F(HostingTableTest, ANameIsTakenOncePerKindWhateverItsCase) {
  EXPECT_TRUE(with(HostingKind::Model, [](auto& table) { return table.insert(row("Churn", 1)); }));
  EXPECT_FALSE(with(HostingKind::Model, [](auto& table) { return table.insert(row("churn", 2)); }));
  EXPECT_TRUE(
      with(HostingKind::Endpoint, [](auto& table) { return table.insert(row("churn", 2)); }));
  EXPECT_EQ(with(HostingKind::Model, [](auto& table) { return table.find(kAccount, "CHURN"); })
                .value()
                .name,
            "Churn");
}

TEST_F(HostingTableTest, AnUpdateKeepsWhatIdentifiesARow) {
  with(HostingKind::Endpoint, [](auto& table) { return table.insert(row("a", 1, "Creating")); });
  with(HostingKind::Endpoint, [](auto& table) {
    HostingRow changed = row("a", 9, "InService");
    changed.document = R"({"x": 1})";
    table.update(changed);
    return 0;
  });
  const auto found =
      with(HostingKind::Endpoint, [](auto& table) { return table.find(kAccount, "a"); }).value();
  EXPECT_EQ(found.status, "InService");
  EXPECT_EQ(found.document, R"({"x": 1})");
  EXPECT_EQ(to_millis(found.created_at), 1);
  EXPECT_EQ(to_millis(found.modified_at), 9);
}

TEST_F(HostingTableTest, WhatIsErasedIsGoneAndItsNameFree) {
  with(HostingKind::Model, [](auto& table) { return table.insert(row("a", 1)); });
  EXPECT_TRUE(with(HostingKind::Model, [](auto& table) { return table.erase(kAccount, "A"); }));
  EXPECT_FALSE(with(HostingKind::Model, [](auto& table) { return table.erase(kAccount, "a"); }));
  EXPECT_THAT(with(HostingKind::Model, [](auto& table) { return table.all(); }), IsEmpty());
}

TEST_F(HostingTableTest, PagesFollowEachOtherByToken) {
  for (const HostingRow& each : {row("b", 5), row("a", 5), row("c", 7)})
    with(HostingKind::Model, [&](auto& table) { return table.insert(each); });
  ListingQuery query{.account = kAccount, .limit = 2};
  EXPECT_THAT(names(HostingKind::Model, query), ElementsAre("c", "b"));
  query.after = after_token(
      query, page_token(query, {.name = "b", .status = "", .created_at = from_millis(5)}));
  EXPECT_THAT(names(HostingKind::Model, query), ElementsAre("a"));
}

TEST_F(HostingTableTest, ATokenOfAnotherSortingIsNone) {
  const ListingQuery query{.account = kAccount};
  const ListingQuery by_name{.account = kAccount, .sort = ListingQuery::Sort::Name};
  const std::string token = page_token(by_name, {.name = "b", .status = "", .created_at = {}});
  EXPECT_EQ(after_token(by_name, token), (ListingQuery::After{.value = "b", .name_key = "b"}));
  EXPECT_EQ(after_token(query, token), std::nullopt);
  EXPECT_EQ(after_token(query, "zz"), std::nullopt);
}

}  // namespace
}  // namespace millrace::records
