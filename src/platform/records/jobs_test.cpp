#include "platform/records/jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JobTableTest : public ::testing::Test {
 protected:
  JobTableTest() {
    add("beta", "Completed", 100, 900);
    add("Alpha", "InProgress", 200, 300);
    add("gamma_x", "Failed", 200, 400);
    add("delta", "Completed", 300, 350);
  }

  bool add(const std::string& name, const std::string& status, std::int64_t created,
           std::int64_t modified) {
    return records_.database().write([&](Connection& transaction) {
      return JobTable(transaction, JobKind::Training)
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
      for (const auto& row : JobTable(connection, JobKind::Training).list(query))
        found.push_back(row.name);
    });
    return found;
  }

  TemporaryDatabase records_;
};

TEST_F(JobTableTest, ANameIsTakenWhateverItsCase) {
  EXPECT_FALSE(add("ALPHA", "InProgress", 1, 1));
  records_.database().read([](Connection& connection) {
    EXPECT_EQ(JobTable(connection, JobKind::Training).find("1", "aLPHA").value().summary.name,
              "Alpha");
    EXPECT_FALSE(JobTable(connection, JobKind::Training).find("2", "Alpha"));
  });
}

TEST_F(JobTableTest, SortsByCreationStatusAndNameInBothDirectionsAndTiesByName) {
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

TEST_F(JobTableTest, FiltersByEveryProperty) {
  EXPECT_THAT(names({.name_contains = "ALPH"}), ElementsAre("Alpha"));
  EXPECT_THAT(names({.name_contains = "a_x"}), ElementsAre("gamma_x"));
  EXPECT_THAT(names({.name_contains = "a%"}), IsEmpty()) << "a wildcard is an ordinary character";
  EXPECT_THAT(names({.status = "Completed"}), ElementsAre("delta", "beta"));
  EXPECT_THAT(names({.created_after = from_millis(200)}), ElementsAre("delta"));
  EXPECT_THAT(names({.created_before = from_millis(200)}), ElementsAre("beta"));
  EXPECT_THAT(names({.modified_after = from_millis(350)}), ElementsAre("gamma_x", "beta"));
  EXPECT_THAT(names({.modified_before = from_millis(350)}), ElementsAre("Alpha"));
}

TEST_F(JobTableTest, PagesContinueWhereTheLastOneEnded) {
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

TEST_F(JobTableTest, UnfinishedAreThoseInProgressOrStopping) {
  add("late", "Stopping", 50, 50);
  std::vector<std::string> found;
  records_.database().read([&](Connection& connection) {
    for (const auto& row : JobTable(connection, JobKind::Training).unfinished())
      found.push_back(row.summary.name);
  });
  EXPECT_THAT(found, ElementsAre("late", "Alpha"));
}

TEST_F(JobTableTest, AnUpdateChangesStateButNeverTheRequest) {
  records_.database().write([](Connection& transaction) {
    JobTable table(transaction, JobKind::Training);
    JobRow row = table.find("1", "beta").value();
    row.summary.status = "Stopped";
    row.summary.ended_at = from_millis(7);
    row.request = "{\"changed\":1}";
    row.state = "{\"a\":1}";
    table.update(row);
  });
  records_.database().read([](Connection& connection) {
    const JobRow row = JobTable(connection, JobKind::Training).find("1", "beta").value();
    EXPECT_EQ(row.summary.status, "Stopped");
    EXPECT_EQ(row.summary.ended_at, from_millis(7));
    EXPECT_EQ(row.request, "{}");
    EXPECT_EQ(row.state, "{\"a\":1}");
  });
}

}  // namespace
}  // namespace millrace::records
