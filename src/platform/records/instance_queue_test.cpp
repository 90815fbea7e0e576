#include "platform/records/instance_queue.h"

#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

class QueueTableTest : public ::testing::Test {
 protected:
  std::int64_t add(const std::string& job) {
    return records_.database().write([&](Connection& transaction) {
      return QueueTable(transaction).insert({.account = "1", .job = job, .cpus = 2});
    });
  }

  TemporaryDatabase records_;
};

TEST_F(QueueTableTest, WaitsInOrderOfInsertion) {
  add("b");
  add("a");
  records_.database().read([](Connection& connection) {
    const auto rows = QueueTable(connection).waiting(10);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].job, "b");
    EXPECT_EQ(rows[0].cpus, 2);
    EXPECT_EQ(QueueTable(connection).waiting(1).size(), 1U);
  });
}

TEST_F(QueueTableTest, AJobIsLeasedOnceAndThenCannotBeWithdrawn) {
  const std::int64_t id = add("a");
  add("b");
  records_.database().write([&](Connection& transaction) {
    QueueTable table(transaction);
    EXPECT_TRUE(table.lease(id));
    EXPECT_FALSE(table.lease(id));
    EXPECT_FALSE(table.withdraw("1", "a"));
    EXPECT_TRUE(table.withdraw("1", "b"));
    EXPECT_FALSE(table.lease(id + 1));
  });
}

TEST_F(QueueTableTest, AJobThatWaitsAgainKeepsItsPlaceAndForgetsItsSupervisor) {
  const std::int64_t id = add("a");
  add("b");
  records_.database().write([&](Connection& transaction) {
    QueueTable table(transaction);
    table.lease(id);
    table.set_supervisor("1", "a", 42, 4711);
    table.set_deadline("1", "a", from_millis(5));
    const QueueRow leased = table.leased().at(0);
    EXPECT_EQ(leased.supervisor_pid, 42);
    EXPECT_EQ(leased.supervisor_started, 4711);
    EXPECT_EQ(leased.deadline_at, from_millis(5));
    table.wait_again("1", "a");
    EXPECT_TRUE(table.leased().empty());
    const QueueRow again = table.waiting(10).at(0);
    EXPECT_EQ(again.job, "a");
    EXPECT_FALSE(again.supervisor_pid || again.supervisor_started || again.deadline_at);
  });
}

}  // namespace
}  // namespace millrace::records
