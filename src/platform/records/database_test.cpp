#include "platform/records/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "core/base/error.h"
#include "platform/records/after_commit.h"

namespace millrace::records {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "records-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~DatabaseTest() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::filesystem::path file() const { return directory_ / "records.db"; }
  [[nodiscard]] static std::vector<Migration> notes() {
    return {{1,
             "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, weight DOUBLE PRECISION, at "
             "BIGINT)"}};
  }
  static std::int64_t count(Database& database) {
    return database.read([](Connection& connection) {
      auto rows = connection.prepare("SELECT COUNT(*) FROM notes");
      rows.step();
      return rows.integer(0);
    });
  }
  static void insert(Connection& connection, std::int64_t id) {
    connection.prepare("INSERT INTO notes (id, body) VALUES ($1, $2)").bind(id, "note").run();
  }

  std::filesystem::path directory_;
};

TEST_F(DatabaseTest, ReturnsWhatWasBoundWhateverTheType) {
  Database database(file(), notes());
  const Time at = from_millis(1'700'000'000'123);
  database.write([&](Connection& connection) {
    connection.prepare("INSERT INTO notes (id, body, weight, at) VALUES ($1, $2, $3, $4)")
        .bind(7, std::string("a\0b", 3), 0.25, at)
        .run();
    connection.prepare("INSERT INTO notes (id, body, weight, at) VALUES ($1, $2, $3, $4)")
        .bind(8, std::nullopt, std::optional<double>(), std::optional<Time>())
        .run();
    connection.prepare("INSERT INTO notes (id, body) VALUES ($1, $2)")
        .bind(9, std::string_view())
        .run();
  });
  database.read([&](Connection& connection) {
    auto rows = connection.prepare("SELECT id, body, weight, at FROM notes ORDER BY id");
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.integer(0), 7);
    EXPECT_EQ(rows.text(1), std::string("a\0b", 3));
    EXPECT_EQ(rows.real(2), 0.25);
    EXPECT_EQ(rows.time(3), at);
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.optional_text(1), std::nullopt);
    EXPECT_EQ(rows.optional_real(2), std::nullopt);
    EXPECT_EQ(rows.optional_time(3), std::nullopt);
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.optional_text(1), "") << "an empty text is not NULL";
    EXPECT_FALSE(rows.step());
  });
}

TEST_F(DatabaseTest, AFailedWriteUndoesOnlyItself) {
  Database database(file(), notes());
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const int id = thread * kEach + i;
        try {
          database.write([&](Connection& connection) {
            insert(connection, id);
            if (i % 4 == 0) throw Error(Blame::Customer, "refused");
          });
        } catch (const Error& error) {
          EXPECT_STREQ(error.what(), "refused");
          ++failures;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, kThreads * kEach / 4);
  EXPECT_EQ(count(database), kThreads * kEach * 3 / 4);
}

TEST_F(DatabaseTest, WhatFollowsACommitSeesItAndIsLeftOutWithWhatIsUndone) {
  Database database(file(), notes());
  std::vector<std::int64_t> told;
  const auto write = [&](std::int64_t id, bool fails) {
    database.write([&](Connection& connection) {
      after_commit(connection, [&, id] {
        EXPECT_EQ(count(database), static_cast<std::int64_t>(told.size()) + 1);
        told.push_back(id);
      });
      insert(connection, id);
      if (fails) throw Error(Blame::Customer, "refused");
    });
  };
  write(1, false);
  EXPECT_EQ(told, std::vector<std::int64_t>{1});
  EXPECT_THROW(write(2, true), Error);
  write(3, false);
  EXPECT_EQ(told, (std::vector<std::int64_t>{1, 3}));
}

TEST_F(DatabaseTest, EveryWriteOfAGroupIsFollowedInTheOrderOfTheWrites) {
  Database database(file(), notes());
  std::vector<std::int64_t> written;
  std::vector<std::int64_t> told;
  {
    std::vector<std::jthread> writers;
    for (std::int64_t writer = 0; writer < 8; ++writer) {
      writers.emplace_back([&, writer] {
        for (std::int64_t id = writer * 100; id < writer * 100 + 50; ++id) {
          try {
            database.write([&](Connection& connection) {
              insert(connection, id);
              after_commit(connection, [&, id] { told.push_back(id); });
              if (id % 7 == 0) throw Error(Blame::Customer, "refused");
              written.push_back(id);
            });
          } catch (const Error&) {
          }
        }
      });
    }
  }
  EXPECT_EQ(told, written);
  EXPECT_EQ(count(database), static_cast<std::int64_t>(written.size()));
}

TEST_F(DatabaseTest, AWriteReturnsWhatItsFunctionReturns) {
  Database database(file(), notes());
  EXPECT_EQ(database.write([](Connection& connection) {
    insert(connection, 1);
    return std::string("written");
  }),
            "written");
}

TEST_F(DatabaseTest, ASnapshotDoesNotSeeLaterWrites) {
  Database database(file(), notes());
  database.snapshot([&](Connection& connection) {
    const auto rows_now = [&] {
      auto rows = connection.prepare("SELECT COUNT(*) FROM notes");
      rows.step();
      return rows.integer(0);
    };
    EXPECT_EQ(rows_now(), 0);
    std::thread([&] { database.write([](Connection& writer) { insert(writer, 1); }); }).join();
    EXPECT_EQ(rows_now(), 0);
  });
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, TheSameStatementMayRunInsideItself) {
  Database database(file(), notes());
  database.write([](Connection& connection) {
    insert(connection, 1);
    insert(connection, 2);
  });
  int pairs = 0;
  database.read([&](Connection& connection) {
    auto outer = connection.prepare("SELECT id FROM notes");
    while (outer.step()) {
      auto inner = connection.prepare("SELECT id FROM notes");
      while (inner.step()) ++pairs;
    }
  });
  EXPECT_EQ(pairs, 4);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  Database database(file(), notes());
  EXPECT_THROW(database.read([](Connection& connection) { insert(connection, 1); }), Error);
}

TEST_F(DatabaseTest, MigrationsRunOnceAndInOrder) {
  std::vector<Migration> migrations = notes();
  { Database database(file(), migrations); }
  migrations.push_back({2, "INSERT INTO notes (id) VALUES (42)"});
  { Database database(file(), migrations); }
  Database database(file(), migrations);
  EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, AMigrationThatLandsLaterThanItsSuccessorIsAppliedAsWell) {
  std::vector<Migration> migrations = notes();
  migrations.push_back({3, "INSERT INTO notes (id) VALUES (43)"});
  { Database database(file(), migrations); }
  migrations.insert(migrations.end() - 1, {2, "INSERT INTO notes (id) VALUES (42)"});
  Database database(file(), migrations);
  EXPECT_EQ(count(database), 2);
}

TEST_F(DatabaseTest, RefusesADatabaseOfANewerVersion) {
  std::vector<Migration> migrations = notes();
  migrations.push_back({2, "INSERT INTO notes (id) VALUES (42)"});
  { Database database(file(), migrations); }
  try {
    Database database(file(), notes());
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                ::testing::HasSubstr("schema version 2, this Millrace knows versions up to 1"));
  }
}

TEST_F(DatabaseTest, TheShippedMigrationsApply) {
  { Database database(file()); }
  EXPECT_NO_THROW(Database{file()});
}

TEST_F(DatabaseTest, AnAcknowledgedWriteSurvivesKill) {
  int acknowledged[2];
  ASSERT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Database database(file(), notes());
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::int64_t id = thread;; id += 4) {
          database.write([&](Connection& connection) { insert(connection, id); });
          if (::write(acknowledged[1], &id, sizeof id) != sizeof id) ::_exit(1);
        }
      });
    }
    ::pause();
    ::_exit(0);
  }
  std::vector<std::int64_t> ids;
  std::int64_t id = 0;
  while (ids.size() < 200 && ::read(acknowledged[0], &id, sizeof id) == sizeof id)
    ids.push_back(id);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(acknowledged[1]);
  while (::read(acknowledged[0], &id, sizeof id) == sizeof id) ids.push_back(id);
  ::close(acknowledged[0]);
  ASSERT_GE(ids.size(), 200U);
  Database database(file(), notes());
  database.read([&](Connection& connection) {
    for (const std::int64_t wanted : ids) {
      auto find = connection.prepare("SELECT 1 FROM notes WHERE id = $1");
      EXPECT_TRUE(find.bind(wanted).step()) << wanted;
    }
  });
}

TEST_F(DatabaseTest, AFullDiskIsNamedAndLeavesTheDatabaseUsable) {
  Database database(file(), notes());
  database.write([](Connection& connection) { insert(connection, 0); });
  const std::string body(100'000, 'x');
  // SQLite reports its own page limit exactly as it reports a disk without space.
  database.write([](Connection& connection) { connection.execute("PRAGMA max_page_count = 20"); });
  try {
    database.write([&](Connection& connection) {
      connection.prepare("INSERT INTO notes (id, body) VALUES ($1, $2)").bind(1, body).run();
    });
    FAIL() << "written";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "InsufficientStorage");
    EXPECT_THAT(error.what(), ::testing::HasSubstr("is full"));
  }
  database.write(
      [](Connection& connection) { connection.execute("PRAGMA max_page_count = 100000"); });
  database.write([](Connection& connection) { insert(connection, 2); });
  EXPECT_EQ(count(database), 2);
}

}  // namespace
}  // namespace millrace::records
