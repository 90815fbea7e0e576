#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/json.h"
#include "trainer/job/job.h"

namespace millrace {

/// Whether a figure is printed as <loss> or <score>; the published patterns tell them apart.
enum class Figure { Loss, Score };

/// The lines by which the containers of the tabular algorithms report figures. Published metric
/// patterns search them, so their shape is fixed.
class MetricLog {
 public:
  /// `algorithm` is the Algorithm dimension of `#metrics` records, such as "Linear Learner".
  MetricLog(Job& job, std::string algorithm);

  /// #quality_metric: host=algo-1, epoch=0, train mse_objective <loss>=0.5
  void quality(std::int64_t epoch, std::string_view channel, std::string_view name, Figure kind,
               double value);
  /// #quality_metric: host=algo-1, test mse <loss>=0.5
  void quality(std::string_view channel, std::string_view name, Figure kind, double value);
  /// #test_score (algo-1) : ('mse', 0.5)
  void score(std::string_view channel, std::string_view name, double value);
  /// #test_score (algo-1) : ('precision_recall_fscore', (0.5, 0.25, 0.3))
  void score(std::string_view channel, std::string_view name, const std::vector<double>& values);
  /// #early_stopping_criteria_metric: host=algo-1, epoch=0, criteria=mse_objective, value=0.5
  void early_stopping(std::int64_t epoch, std::string_view criterion, double value);
  /// #progress_metric: host=algo-1, completed 6 % of epochs
  void progress(std::int64_t epochs_done, std::int64_t epochs);
  /// #throughput_metric: host=algo-1, train throughput=22356.2 records/second
  void throughput(std::int64_t records, double seconds);

  /// #metrics {"Metrics": {...}, "EndTime": t, "Dimensions": {...}, "StartTime": t}, where each
  /// figure is given as count 1 and max, sum and min alike. Dimensions Host, Operation and
  /// Algorithm are added to `dimensions`. Times are seconds since 1970; `start` such as now()
  /// gives.
  void record(const std::vector<std::pair<std::string, double>>& figures, Json dimensions,
              double start);
  static double now();

 private:
  void emit(const std::string& line) { log_.info(line); }

  Log& log_;
  std::string host_;
  std::string algorithm_;
};

}  // namespace millrace
