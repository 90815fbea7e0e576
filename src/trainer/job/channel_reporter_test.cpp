#include "trainer/job/channel_reporter.h"

#include <gtest/gtest.h>

#include "core/io/file.h"
#include "trainer/job/job_folder.h"

namespace millrace {
namespace {

ChannelReports reports_in(const JobFolder& folder) {
  return parse_channel_reports(read_file(folder.paths().channel_report()));
}

TEST(ChannelCounts, RecordsOfAllPassesAndOfTheLastThatCameToItsEnd) {
  ChannelCounts counts;
  EXPECT_EQ(counts.report(), ChannelReport{});
  EXPECT_EQ(counts.timed([] { return 5; }), 5);
  counts.add(5);
  EXPECT_FALSE(counts.report().records_per_pass);
  counts.end_pass(5);
  counts.add(3);
  const ChannelReport report = counts.report();
  EXPECT_EQ(report.records, 8);
  EXPECT_EQ(report.passes, 1);
  EXPECT_EQ(report.records_per_pass, 5);
  EXPECT_EQ(report.seconds, report.seconds_waited) << "there was nothing but one wait";
}

TEST(ChannelReporter, LeavesAReportOfTheChannelsThatWereRead) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {});
  folder.add_channel({.name = "unread"}, {});
  const Job job(folder.paths(), {});
  {
    const ChannelReporter reporter(job);
    ChannelCounts& counts = *job.find_channel("train")->counts;
    counts.timed([] { return 0; });
    counts.add(4);
  }
  const ChannelReports reports = reports_in(folder);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports.at("train").records, 4);
}

TEST(ChannelReporter, NothingIsLeftWhereNothingWasRead) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {});
  const Job job(folder.paths(), {});
  { const ChannelReporter reporter(job); }
  EXPECT_FALSE(std::filesystem::exists(folder.paths().channel_report()));
}

}  // namespace
}  // namespace millrace
