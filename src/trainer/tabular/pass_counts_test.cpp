#include "trainer/tabular/pass_counts.h"

#include <gtest/gtest.h>

#include "trainer/job/job_folder.h"

namespace millrace {
namespace {

TabularBatch batch_of(std::int64_t rows) {
  TabularBatch batch;
  batch.clear(false);
  for (std::int64_t row = 0; row < rows; ++row) batch.append({.columns = 1, .values = {1}});
  return batch;
}

/// The figures that a report prints, by name.
std::map<std::string, double> reported(PassCounts& counts, MetricLog& metrics) {
  testing::internal::CaptureStdout();
  counts.report(metrics, {{"epoch", 0}}, MetricLog::now());
  const std::string line = testing::internal::GetCapturedStdout();
  const Json json = parse_json(line.substr(line.find('{')), "a report");
  std::map<std::string, double> figures;
  for (const auto& [name, figure] : json["Metrics"].items())
    figures[name] = figure["sum"].get<double>();
  return figures;
}

TEST(PassCounts, AReportTellsOfThisPassTheLargestAndAll) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {});
  Job job(folder.paths(), {});
  MetricLog metrics(job, "Linear Learner");
  PassCounts counts;
  for (const std::int64_t rows : {3, 3, 1}) counts.add(batch_of(rows));
  EXPECT_EQ(counts.records(), 7);
  EXPECT_EQ(reported(counts, metrics),
            (std::map<std::string, double>{{"Max Batches Seen Between Resets", 3},
                                           {"Number of Batches Since Last Reset", 3},
                                           {"Number of Records Since Last Reset", 7},
                                           {"Total Batches Seen", 3},
                                           {"Total Records Seen", 7},
                                           {"Max Records Seen Between Resets", 7},
                                           {"Reset Count", 1}}));
  EXPECT_EQ(counts.records(), 0) << "a new pass";
  counts.add(batch_of(9));
  EXPECT_EQ(reported(counts, metrics),
            (std::map<std::string, double>{{"Max Batches Seen Between Resets", 3},
                                           {"Number of Batches Since Last Reset", 1},
                                           {"Number of Records Since Last Reset", 9},
                                           {"Total Batches Seen", 4},
                                           {"Total Records Seen", 16},
                                           {"Max Records Seen Between Resets", 9},
                                           {"Reset Count", 2}}));
}

}  // namespace
}  // namespace millrace
