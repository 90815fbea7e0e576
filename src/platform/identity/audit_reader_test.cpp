#include "platform/identity/audit_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/io/file.h"

namespace millrace::identity {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class AuditReaderTest : public testing::Test {
 protected:
  AuditReaderTest() { fs::create_directories(directory_); }
  ~AuditReaderTest() override { fs::remove_all(directory_); }

  void write(const std::string& day, const std::string& text) const {
    write_all(create_for_writing(directory_ / (day + ".jsonl")).get(), text);
  }
  static std::string line(const std::string& time, const std::string& job) {
    return R"({"time":")" + time + R"(","job":")" + job + R"(","actions":[]})" + "\n";
  }
  std::vector<std::string> read(const std::string& since, const std::string& until) {
    std::vector<std::string> times;
    reading_ = read_audit(directory_,
                          {.since = parse_iso8601(since).value(),
                           .until = parse_iso8601(until).value(),
                           .parts = {"\"job\":\"mine\""}},
                          [&](Time at, const Json&) { times.push_back(iso8601_seconds(at)); });
    return times;
  }

  fs::path directory_ = fs::temp_directory_path() / ("audit_reader_" + random_hex(6));
  AuditReading reading_;
};

TEST_F(AuditReaderTest, FindsTheLinesOfOneJobBetweenTwoTimesOverSeveralDays) {
  write("2026-11-27", line("2026-11-27T23:59:00Z", "mine") + line("2026-11-27T23:59:30Z", "other"));
  write("2026-11-28", line("2026-11-28T00:00:01Z", "mine") + line("2026-11-28T12:00:00Z", "mine"));
  write("2026-11-29", line("2026-11-29T00:00:01Z", "mine"));
  EXPECT_THAT(read("2026-11-27T00:00:00Z", "2026-11-28T12:00:00Z"),
              ElementsAre("2026-11-27T23:59:00Z", "2026-11-28T00:00:01Z"));
  EXPECT_TRUE(reading_.has_first_day);
  EXPECT_EQ(reading_.damaged, 0);
}

TEST_F(AuditReaderTest, SaysWhatIsMissing) {
  write("2026-11-28", line("2026-11-28T00:00:01Z", "mine") + R"({"time":"2026-11-28T00:)" +
                          R"(00:02Z","job":"mine","act)" + "\n[\"job\":\"mine\"]\n");
  EXPECT_THAT(read("2026-11-27T00:00:00Z", "2026-11-29T00:00:00Z"),
              ElementsAre("2026-11-28T00:00:01Z"));
  EXPECT_FALSE(reading_.has_first_day);
  EXPECT_EQ(reading_.damaged, 2);
}

}  // namespace
}  // namespace millrace::identity
