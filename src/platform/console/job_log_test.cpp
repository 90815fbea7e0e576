#include "platform/console/job_log.h"

#include <gtest/gtest.h>

#include "platform/console/call_for_test.h"
#include "platform/jobs/job_record.h"
#include "platform/jobs/request_fixture.h"
#include "platform/jobs/ticket.h"
#include "platform/records/log_events.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

constexpr const char* kAccount = CallForTest::kAccount;
constexpr std::int64_t kLines = 40;
constexpr std::size_t kLineBytes = std::size_t{256} << 10;

/// A job whose log has lines as long as they may be, of 10 MiB together.
class JobLogTest : public ::testing::Test {
 protected:
  JobLogTest() {
    const jobs::JobRecord record{.account = kAccount,
                                 .region = "us-east-1",
                                 .created = now(),
                                 .request = jobs::small_request("job"),
                                 .state = {}};
    std::vector<records::LogEventRow> lines;
    for (std::int64_t i = 0; i < kLines; ++i) {
      lines.push_back({.position = {.at = i}, .ingested_at = 1, .message = line(i)});
    }
    records_.database().write([&](records::Connection& transaction) {
      records::JobTable(transaction, records::JobKind::Training).insert(jobs::row_of(record));
      records::LogTable logs(transaction);
      const auto group = logs.insert_group(kAccount, jobs::kTrainingLogGroup, now());
      logs.append(*logs.insert_stream(*group, "job/algo-1-1", now()), lines, 1);
    });
  }
  static std::string line(std::int64_t number) {
    return std::string(kLineBytes, static_cast<char>('A' + number));
  }

  http::Response ask(http::Response (JobLog::*method)(Call&), const std::string& query) {
    CallForTest asked(query, {"job"});
    return (log_.*method)(asked.call);
  }

  records::TemporaryDatabase records_;
  JobLog log_{records_.database(), [](Call&, const auto&, const auto&) {}};
};

TEST_F(JobLogTest, APageEndsWithSoMuchTextAndGoesOnWhereItEnded) {
  std::int64_t next = 0;
  int pages = 0;
  for (; next < kLines; ++pages) {
    const std::string body =
        std::get<std::string>(ask(&JobLog::page, "limit=5000&from=" + std::to_string(next)).body);
    EXPECT_LT(body.size(), std::size_t{5} << 20);
    const Json page = parse_json(body, "answer", {.max_bytes = body.size()});
    ASSERT_FALSE(page["Lines"].empty());
    for (const Json& one : page["Lines"]) {
      EXPECT_EQ(one["n"], next);
      EXPECT_EQ(one["m"], line(next++));
    }
  }
  EXPECT_EQ(pages, 3);
}

TEST_F(JobLogTest, ADownloadHasAllOfIt) {
  const http::Response response = ask(&JobLog::download, "");
  ByteSource& source = *std::get<http::Stream>(response.body).source;
  const std::string text = read_all(source, 2 * kLines * kLineBytes, "log");
  std::string whole;
  for (std::int64_t i = 0; i < kLines; ++i) whole += line(i) + "\n";
  EXPECT_EQ(text.size(), whole.size());
  EXPECT_TRUE(text == whole);
}

}  // namespace
}  // namespace millrace::console
