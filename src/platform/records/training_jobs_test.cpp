#include "platform/records/training_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/tags.h"
#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TrainingJobTableTest : public ::testing::Test {
 protected:
  TrainingJobTableTest() {
    add("beta", "Completed", 100, 900);
    add("Alpha", "InProgress", 200, 300);
    add("gamma_x", "Failed", 200, 400);
    add("delta", "Completed", 300, 350);
  }

  bool add(const std::string& name, const std::string& status, std::int64_t created,
           std::int64_t modified) {
    return records_.database().write([&](Connection& transaction) {
      return TrainingJobTable(transaction)
          .insert({.summary = {.account = "1",
                               .name = name,
                               .region = "r",
                               .status = status,
                               .created_at = from_millis(created),
                               .modified_at = from_millis(modified)},
                   .request = "{}",
                   .state = "{}"});
    });
  }
  std::vector<std::string> names(ListingQuery query) {
    query.account = "1";
    std::vector<std::string> found;
    records_.database().read([&](Connection& connection) {
      for (const auto& row : TrainingJobTable(connection).list(query)) found.push_back(row.name);
    });
    return found;
  }

  TemporaryDatabase records_;
};

TEST_F(TrainingJobTableTest, ANameIsTakenWhateverItsCase) {
  EXPECT_FALSE(add("ALPHA", "InProgress", 1, 1));
  records_.database().read([](Connection& connection) {
    EXPECT_EQ(TrainingJobTable(connection).find("1", "aLPHA").value().summary.name, "Alpha");
    EXPECT_FALSE(TrainingJobTable(connection).find("2", "Alpha"));
  });
}

TEST_F(TrainingJobTableTest, SortsByCreationStatusAndNameInBothDirectionsAndTiesByName) {
  using Sort = ListingQuery::Sort;
  EXPECT_THAT(names({}), ElementsAre("delta", "gamma_x", "Alpha", "beta"));
  EXPECT_THAT(names({.sort = Sort::CreationTime, .descending = false}),
              ElementsAre("beta", "Alpha", "gamma_x", "delta"));
  EXPECT_THAT(names({.sort = Sort::Name, .descending = false}),
              ElementsAre("Alpha", "beta", "delta", "gamma_x"));
  EXPECT_THAT(names({.sort = Sort::Name}), ElementsAre("gamma_x", "delta", "beta", "Alpha"));
  EXPECT_THAT(names({.sort = Sort::Status, .descending = false}),
              ElementsAre("beta", "delta", "gamma_x", "Alpha"));
}

TEST_F(TrainingJobTableTest, FiltersByEveryProperty) {
  EXPECT_THAT(names({.name_contains = "ALPH"}), ElementsAre("Alpha"));
  EXPECT_THAT(names({.name_contains = "a_x"}), ElementsAre("gamma_x"));
  EXPECT_THAT(names({.name_contains = "a%"}), IsEmpty()) << "a wildcard is an ordinary character";
  EXPECT_THAT(names({.status = "Completed"}), ElementsAre("delta", "beta"));
  EXPECT_THAT(names({.created_after = from_millis(200)}), ElementsAre("delta"));
  EXPECT_THAT(names({.created_before = from_millis(200)}), ElementsAre("beta"));
  EXPECT_THAT(names({.modified_after = from_millis(350)}), ElementsAre("gamma_x", "beta"));
  EXPECT_THAT(names({.modified_before = from_millis(350)}), ElementsAre("Alpha"));
}

TEST_F(TrainingJobTableTest, PagesContinueWhereTheLastOneEnded) {
  using Sort = ListingQuery::Sort;
  EXPECT_THAT(names({.after = ListingQuery::After{"200", "gamma_x"}, .limit = 1}),
              ElementsAre("Alpha"));
  EXPECT_THAT(
      names(
          {.sort = Sort::Name, .descending = false, .after = ListingQuery::After{"beta", "beta"}}),
      ElementsAre("delta", "gamma_x"));
  EXPECT_THAT(names({.sort = Sort::Status,
                     .descending = false,
                     .after = ListingQuery::After{"Completed", "delta"}}),
              ElementsAre("gamma_x", "Alpha"));
}

TEST_F(TrainingJobTableTest, ATablePageIsFilteredSortedAndCounted) {
  const auto page = [&](JobTableQuery query) {
    query.account = "1";
    std::vector<std::string> found;
    std::int64_t total = 0;
    records_.database().read([&](Connection& connection) {
      TrainingJobTable table(connection);
      for (const auto& row : table.table(query)) found.push_back(row.summary.name);
      total = table.count(query);
    });
    found.push_back(std::to_string(total));
    return found;
  };
  EXPECT_THAT(page({}), ElementsAre("delta", "gamma_x", "Alpha", "beta", "4"));
  EXPECT_THAT(page({.from = 1, .limit = 2}), ElementsAre("gamma_x", "Alpha", "4"));
  EXPECT_THAT(page({.name_contains = "A_X"}), ElementsAre("gamma_x", "1"));
  EXPECT_THAT(page({.status = "Completed", .descending = false}),
              ElementsAre("beta", "delta", "2"));
  EXPECT_THAT(page({.sort = JobTableQuery::Sort::Name, .descending = false}),
              ElementsAre("Alpha", "beta", "delta", "gamma_x", "4"));
  EXPECT_THAT(page({.sort = JobTableQuery::Sort::ModifiedTime}),
              ElementsAre("beta", "gamma_x", "delta", "Alpha", "4"));
  EXPECT_THAT(page({.created_after = from_millis(200), .created_before = from_millis(300)}),
              ElementsAre("gamma_x", "Alpha", "2"));
  EXPECT_THAT(page({.algorithm = "kmeans"}), ElementsAre("0"));
  records_.database().write([](Connection& transaction) {
    TagTable(transaction).put("1", "arn:aws:sagemaker:r:1:training-job/alpha", {"Team", "a=b"});
  });
  EXPECT_THAT(page({.tag = JobTableQuery::Tag{"Team", "a=b"}}), ElementsAre("Alpha", "1"));
  EXPECT_THAT(page({.tag = JobTableQuery::Tag{"Team", {}}}), ElementsAre("Alpha", "1"));
  EXPECT_THAT(page({.tag = JobTableQuery::Tag{"Team", "other"}}), ElementsAre("0"));
}

TEST_F(TrainingJobTableTest, WhatHasChangedSinceIsToldInOrder) {
  std::vector<std::string> found;
  records_.database().read([&](Connection& connection) {
    for (const auto& row : TrainingJobTable(connection).modified_since("1", from_millis(349), 2))
      found.push_back(row.name);
  });
  EXPECT_THAT(found, ElementsAre("delta", "gamma_x"));
}

TEST_F(TrainingJobTableTest, UnfinishedAreThoseInProgressOrStopping) {
  add("late", "Stopping", 50, 50);
  std::vector<std::string> found;
  records_.database().read([&](Connection& connection) {
    for (const auto& row : TrainingJobTable(connection).unfinished())
      found.push_back(row.summary.name);
  });
  EXPECT_THAT(found, ElementsAre("late", "Alpha"));
}

TEST_F(TrainingJobTableTest, AnUpdateChangesStateButNeverTheRequest) {
  records_.database().write([](Connection& transaction) {
    TrainingJobTable table(transaction);
    TrainingJobRow row = table.find("1", "beta").value();
    row.summary.status = "Stopped";
    row.summary.ended_at = from_millis(7);
    row.request = "{\"changed\":1}";
    row.state = "{\"a\":1}";
    table.update(row);
  });
  records_.database().read([](Connection& connection) {
    const TrainingJobRow row = TrainingJobTable(connection).find("1", "beta").value();
    EXPECT_EQ(row.summary.status, "Stopped");
    EXPECT_EQ(row.summary.ended_at, from_millis(7));
    EXPECT_EQ(row.request, "{}");
    EXPECT_EQ(row.state, "{\"a\":1}");
  });
}

}  // namespace
}  // namespace millrace::records
