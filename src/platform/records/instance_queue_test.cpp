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

TEST_F(QueueTableTest, WhatDemandsNothingWaitsApart) {
  add("job");
  records_.database().write([](Connection& transaction) {
    QueueTable table(transaction);
    table.insert({.account = "1", .job = "endpoint.b.v.1"});
    table.insert({.account = "1", .job = "endpoint.a.v.1"});
    table.insert({.account = "1", .job = "memory", .memory_bytes = 1});
    ASSERT_EQ(table.undemanding().size(), 2U);
    EXPECT_EQ(table.undemanding()[0].job, "endpoint.b.v.1");
    ASSERT_EQ(table.waiting(10).size(), 2U);
    EXPECT_EQ(table.waiting(10)[1].job, "memory");
    EXPECT_TRUE(table.lease(table.undemanding()[0].id));
    EXPECT_EQ(table.undemanding().size(), 1U);
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

TEST_F(QueueTableTest, AJobThatWaitsAgainKeepsItsPlaceAndForgetsItsSupervisors) {
  const std::int64_t id = add("a");
  add("b");
  records_.database().write([&](Connection& transaction) {
    QueueTable table(transaction);
    table.lease(id);
    table.set_supervisor(id, {.host = "algo-2", .pid = 43, .started = 4712});
    table.set_supervisor(id, {.host = "algo-1", .pid = 41, .started = 4710});
    table.set_supervisor(id, {.host = "algo-1", .pid = 42, .started = 4711});
    table.set_deadline("1", "a", from_millis(5));
    const QueueRow leased = table.leased().at(0);
    const std::vector<SupervisorRow> supervisors = table.supervisors(id);
    ASSERT_EQ(supervisors.size(), 2U);
    EXPECT_EQ(supervisors[0].host, "algo-1");
    EXPECT_EQ(supervisors[0].pid, 42);
    EXPECT_EQ(supervisors[0].started, 4711);
    EXPECT_EQ(supervisors[1].host, "algo-2");
    EXPECT_EQ(leased.deadline_at, from_millis(5));
    table.wait_again(id);
    EXPECT_TRUE(table.leased().empty());
    const QueueRow again = table.waiting(10).at(0);
    EXPECT_EQ(again.job, "a");
    EXPECT_FALSE(again.deadline_at);
    EXPECT_TRUE(table.supervisors(id).empty());
  });
}

TEST_F(QueueTableTest, AnErasedJobLeavesNothing) {
  const std::int64_t id = add("a");
  records_.database().write([&](Connection& transaction) {
    QueueTable table(transaction);
    table.lease(id);
    table.set_supervisor(id, {.host = "algo-1", .pid = 41, .started = 4710});
    table.erase(id);
    EXPECT_FALSE(table.find("1", "a"));
    EXPECT_TRUE(table.supervisors(id).empty());
  });
}

/// A daemon of version 2 is replaced while a job runs.
TEST(SupervisorSchema, ASupervisorOfAnOlderDaemonIsTheJobsOnlyHosts) {
  TemporaryDatabase place;
  const std::vector<Migration>& all = all_migrations();
  const std::filesystem::path file = place.directory() / "old.db";
  {
    Database old(file, {all.begin(), all.begin() + 2});
    old.write([](Connection& transaction) {
      transaction.execute(
          "INSERT INTO instance_queue (account, job, region, role_arn, cpus, memory_bytes, leased, "
          "supervisor_pid, supervisor_started) VALUES ('1', 'a', 'r', 'role', 2, 3, TRUE, 42, "
          "4711)");
    });
  }
  Database database(file);
  database.read([](Connection& connection) {
    QueueTable table(connection);
    const QueueRow row = table.leased().at(0);
    EXPECT_EQ(row.hosts, 1);
    const auto supervisors = table.supervisors(row.id);
    ASSERT_EQ(supervisors.size(), 1U);
    EXPECT_EQ(supervisors[0].host, "algo-1");
    EXPECT_EQ(supervisors[0].pid, 42);
  });
}

}  // namespace
}  // namespace millrace::records
