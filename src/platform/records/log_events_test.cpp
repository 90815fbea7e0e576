#include "platform/records/log_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogTableTest : public ::testing::Test {
 protected:
  LogTableTest() {
    records_.database().write([&](Connection& transaction) {
      LogTable table(transaction);
      group_ = table.insert_group("1", "/g", from_millis(1)).value();
      stream_ = table.insert_stream(group_, "s", from_millis(2)).value();
    });
  }

  void append(const std::vector<std::pair<std::int64_t, std::string>>& events) {
    std::vector<LogEventRow> rows;
    for (const auto& [at, message] : events)
      rows.push_back({.position = {.at = at}, .ingested_at = 0, .message = message});
    records_.database().write(
        [&](Connection& transaction) { LogTable(transaction).append(stream_, rows, 1000); });
  }
  std::vector<std::string> read(const LogRange& range, bool from_end = false,
                                LogTable::Limit limit = {100, 1 << 20}) {
    std::vector<std::string> messages;
    records_.database().read([&](Connection& connection) {
      for (const auto& event : LogTable(connection).read(stream_, range, from_end, limit))
        messages.push_back(event.message);
    });
    return messages;
  }

  TemporaryDatabase records_;
  std::int64_t group_ = 0;
  std::int64_t stream_ = 0;
};

TEST_F(LogTableTest, EventsAreOrderedByTimeThenArrival) {
  append({{5, "a"}, {5, "b"}});
  append({{3, "early"}, {5, "c"}});
  EXPECT_THAT(read({}), ElementsAre("early", "a", "b", "c"));
  EXPECT_THAT(read({}, /*from_end=*/true), ElementsAre("c", "b", "a", "early"));
}

TEST_F(LogTableTest, ARangeHoldsItsTimesAndExcludesItsPositions) {
  append({{1, "a"}, {2, "b"}, {2, "c"}, {3, "d"}});
  EXPECT_THAT(read({.from = 2, .until = 2}), ElementsAre("b", "c"));
  EXPECT_THAT(read({.after = {2, 2}}), ElementsAre("c", "d"));
  EXPECT_THAT(read({.before = LogPosition{2, 3}}), ElementsAre("a", "b"));
  EXPECT_THAT(read({.from = 4}), IsEmpty());
}

TEST_F(LogTableTest, APageIsBoundedByCountAndBytesButNeverEmptyForWantOfRoom) {
  append({{1, std::string(50, 'a')}, {2, std::string(50, 'b')}, {3, "c"}});
  EXPECT_EQ(read({}, false, {2, 1 << 20}).size(), 2U);
  EXPECT_EQ(read({}, false, {10, 2 * (50 + LogTable::kEventOverhead)}).size(), 2U);
  EXPECT_EQ(read({}, false, {10, 1}).size(), 1U);
}

TEST_F(LogTableTest, AStreamKnowsItsFirstAndLastTimesAndItsSize) {
  append({{5, "abc"}});
  append({{3, "d"}, {9, "e"}});
  records_.database().read([&](Connection& connection) {
    const LogStreamRow row = LogTable(connection).find_stream(group_, "s").value();
    EXPECT_EQ(row.first_event_at, 3);
    EXPECT_EQ(row.last_event_at, 9);
    EXPECT_EQ(row.last_ingestion_at, 1000);
    EXPECT_EQ(row.stored_bytes, 5);
    EXPECT_EQ(LogTable(connection).list_groups("1", "", "", "", 10).at(0).stored_bytes, 5);
  });
}

TEST_F(LogTableTest, ErasingAGroupTakesItsStreamsAndEventsAlong) {
  append({{1, "a"}});
  records_.database().write([&](Connection& transaction) {
    LogTable table(transaction);
    table.erase_group(group_);
    EXPECT_FALSE(table.find_group("1", "/g"));
    EXPECT_THAT(table.read(stream_, {}, false, {10, 100}), IsEmpty());
  });
}

TEST_F(LogTableTest, StreamsAreListedByNameWithinAPrefixInBothDirections) {
  records_.database().write([&](Connection& transaction) {
    LogTable table(transaction);
    for (const char* name : {"job/2", "job/1", "job0", "jo"})
      table.insert_stream(group_, name, from_millis(0));
    const auto names = [&](bool descending, const std::optional<std::string>& after) {
      std::vector<std::string> found;
      for (const auto& row : table.list_streams(group_, "job/", descending, after, 10))
        found.push_back(row.name);
      return found;
    };
    EXPECT_THAT(names(false, std::nullopt), ElementsAre("job/1", "job/2"));
    EXPECT_THAT(names(true, std::nullopt), ElementsAre("job/2", "job/1"));
    EXPECT_THAT(names(false, "job/1"), ElementsAre("job/2"));
    EXPECT_THAT(names(true, "job/2"), ElementsAre("job/1"));
  });
}

TEST_F(LogTableTest, LinesAreNumberedInTheOrderOfTheirArrival) {
  append({{500, "first"}, {600, "second"}});
  append({{100, "late"}});
  std::vector<std::string> lines;
  records_.database().read([&](Connection& connection) {
    LogTable table(connection);
    EXPECT_EQ(table.find_stream(group_, "s").value().events, 3);
    table.each_from(stream_, 2, 10, [&](std::int64_t number, std::int64_t at, std::string_view m) {
      lines.push_back(std::to_string(number) + " " + std::to_string(at) + " " + std::string(m));
      return true;
    });
    table.each_from(stream_, 1, 10, [&](std::int64_t, std::int64_t, std::string_view message) {
      lines.emplace_back(message);
      return false;  // enough
    });
  });
  EXPECT_THAT(lines, ElementsAre("2 600 second", "3 100 late", "first"));
}

}  // namespace
}  // namespace millrace::records
