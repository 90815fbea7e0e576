#include "trainer/tabular/metric_log.h"

#include <gtest/gtest.h>

#include "trainer/job/job_folder.h"

namespace millrace {
namespace {

/// What `write` logs, without the stamp of ordinary lines.
std::string logged(void (*write)(MetricLog& log)) {
  JobFolder folder({});
  folder.add_channel({.name = "train"}, {});
  Job job(folder.paths(), {});
  MetricLog log(job, "Linear Learner");
  testing::internal::CaptureStdout();
  write(log);
  const std::string text = testing::internal::GetCapturedStdout();
  return text.starts_with("[") ? text.substr(text.find("] ") + 2) : text;
}

// Lines of stored logs of the original containers.
TEST(MetricLog, WritesTheLinesThatPublishedPatternsSearch) {
  EXPECT_EQ(logged([](MetricLog& log) {
              log.quality(0, "train", "binary_classification_cross_entropy_objective", Figure::Loss,
                          0.595682421003);
            }),
            "#quality_metric: host=algo-1, epoch=0, train "
            "binary_classification_cross_entropy_objective <loss>=0.595682421003\n");
  EXPECT_EQ(logged([](MetricLog& log) {
              log.quality("validation", "binary_classification_accuracy", Figure::Score, 0.95);
            }),
            "#quality_metric: host=algo-1, validation binary_classification_accuracy "
            "<score>=0.95\n");
  EXPECT_EQ(logged([](MetricLog& log) { log.score("test", "binary_f_1.000", 0.9); }),
            "#test_score (algo-1) : ('binary_f_1.000', 0.9)\n");
  EXPECT_EQ(logged([](MetricLog& log) {
              log.score("test", "precision_recall_fscore", std::vector<double>{0.5, 0.25, 0.3});
            }),
            "#test_score (algo-1) : ('precision_recall_fscore', (0.5, 0.25, 0.3))\n");
  EXPECT_EQ(
      logged([](MetricLog& log) { log.early_stopping(0, "sampled_accuracy", 0.943377806704); }),
      "#early_stopping_criteria_metric: host=algo-1, epoch=0, criteria=sampled_accuracy, "
      "value=0.943377806704\n");
  EXPECT_EQ(logged([](MetricLog& log) { log.progress(1, 15); }),
            "#progress_metric: host=algo-1, completed 6 % of epochs\n");
  EXPECT_EQ(logged([](MetricLog& log) { log.throughput(100, 0.5); }),
            "#throughput_metric: host=algo-1, train throughput=200 records/second\n");
}

TEST(MetricLog, RecordsStandWithoutAStamp) {
  const std::string text = logged([](MetricLog& log) {
    log.record({{"train_mse_objective", 0.5}}, {{"model", 0}, {"epoch", 3}}, 12.5);
  });
  EXPECT_TRUE(text.starts_with(
      R"(#metrics {"Metrics":{"train_mse_objective":{"count":1,"max":0.5,"sum":0.5,"min":0.5}})"))
      << text;
  EXPECT_TRUE(text.ends_with(
      R"("Dimensions":{"model":0,"epoch":3,"Host":"algo-1","Operation":"training","Algorithm":"Linear Learner"},"StartTime":12.5})"
      "\n"))
      << text;
}

}  // namespace
}  // namespace millrace
