#include "platform/records/lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

TEST(ListTable, APlaceIsOneListWhoseVersionsAreNumbered) {
  TemporaryDatabase records;
  records.database().write([](Connection& transaction) {
    ListTable table(transaction);
    const ListRow list = table.ensure("1", "s3://b/a.lst", from_millis(1));
    EXPECT_EQ(table.ensure("1", "s3://b/a.lst", from_millis(2)).id, list.id);
    EXPECT_NE(table.ensure("2", "s3://b/a.lst", from_millis(2)).id, list.id);
    EXPECT_FALSE(table.find("2", list.id));
    EXPECT_FALSE(table.last_version(list.id));
    for (const char* content : {"x", "y"})
      table.add_version({.list = list.id, .content = content, .author = "ana", .document = "{}"});
    EXPECT_EQ(table.last_version(list.id).value().number, 2);
    EXPECT_EQ(table.version(list.id, 1).value().content, "x");
    EXPECT_EQ(table.versions(list.id).front().content, "y");
    EXPECT_FALSE(table.version(list.id, 3));
  });
}

TEST(ListTable, DraftsAndProposalsAreRewritten) {
  TemporaryDatabase records;
  records.database().write([](Connection& transaction) {
    ListTable table(transaction);
    const ListRow list = table.ensure("1", "s3://b/a.lst", from_millis(1));
    ListDraftRow draft{
        .id = "d", .account = "1", .list = list.id, .author = "ana", .document = "1"};
    table.put_draft(draft);
    draft.document = "2";
    table.put_draft(draft);
    EXPECT_EQ(table.draft("1", "d").value().document, "2");
    EXPECT_EQ(table.drafts_of("1", "ana", list.id).size(), 1U);
    EXPECT_TRUE(table.drafts_of("1", "bo", list.id).empty());
    table.erase_draft("d");
    EXPECT_FALSE(table.draft("1", "d"));

    ListProposalRow proposal{.account = "1",
                             .list = list.id,
                             .author = "ana",
                             .title = "t",
                             .status = "open",
                             .document = "{}"};
    proposal.id = table.add_proposal(proposal);
    EXPECT_EQ(table.proposals("1", "open").size(), 1U);
    proposal.status = "merged";
    table.update_proposal(proposal);
    EXPECT_TRUE(table.proposals("1", "open").empty());
    EXPECT_EQ(table.proposals("1", "").front().status, "merged");
    EXPECT_FALSE(table.proposal("2", proposal.id));
  });
}

TEST(ListTable, EditsOfADraftAreAddedAndTakenBackOneByOne) {
  TemporaryDatabase records;
  records.database().write([](Connection& transaction) {
    ListTable table(transaction);
    const ListRow list = table.ensure("1", "s3://b/a.lst", from_millis(1));
    table.put_draft(
        {.id = "d", .account = "1", .list = list.id, .author = "ana", .document = "{}"});
    for (const char* edit : {"one", "two", "three"}) table.add_edit("d", edit);
    table.erase_edit("d");
    table.add_edit("d", "four");
    EXPECT_THAT(table.edits("d"), testing::ElementsAre("one", "two", "four"));
    EXPECT_EQ(table.count_edits("d").count, 3);
    EXPECT_EQ(table.count_edits("d").bytes, 10);
    EXPECT_EQ(table.count_drafts("1", "ana"), 1);
    table.erase_draft("d");
    EXPECT_EQ(table.count_edits("d").count, 0);
  });
}

TEST(ListTable, WhatIsToBeWrittenIsKeptUntilItIs) {
  TemporaryDatabase records;
  records.database().write([](Connection& transaction) {
    ListTable table(transaction);
    const ListRow list = table.ensure("1", "s3://b/a.lst", from_millis(1));
    table.add_save({.id = "s", .list = list.id, .content = "x", .document = "{}", .proposal = 7});
    EXPECT_EQ(table.saves(list.id).front().proposal, 7);
    table.erase_unused(list.id);
    EXPECT_TRUE(table.find("1", list.id));
    EXPECT_TRUE(table.erase_save("s"));
    EXPECT_FALSE(table.erase_save("s"));
    table.erase_unused(list.id);
    EXPECT_FALSE(table.find("1", list.id));
  });
}

TEST(ListSchema, DraftsOfBeforeKeepTheirEdits) {
  TemporaryDatabase records;
  std::vector<Migration> before = all_migrations();
  std::erase_if(before, [](const Migration& migration) { return migration.version > 15; });
  const auto file = records.directory() / "old.db";
  {
    Database old(file, before);
    old.write([](Connection& transaction) {
      const ListRow list = ListTable(transaction).ensure("1", "s3://b/a.lst", from_millis(1));
      ListTable(transaction)
          .put_draft({.id = "d",
                      .account = "1",
                      .list = list.id,
                      .author = "ana",
                      .document = R"({"Base":1,"Hash":"x","Edits":[{"Do":"remove","Labels":[1.0]},)"
                                  R"({"Do":"add"}]})"});
    });
  }
  Database database(file);
  database.write([](Connection& transaction) {
    ListTable table(transaction);
    EXPECT_THAT(table.edits("d"),
                testing::ElementsAre(R"({"Do":"remove","Labels":[1.0]})", R"({"Do":"add"})"));
    EXPECT_EQ(table.draft("1", "d").value().document, R"({"Base":1,"Hash":"x"})");
  });
}

}  // namespace
}  // namespace millrace::records
