#include "trainer/tabular/metric_log.h"

#include <chrono>

#include "core/base/text.h"

namespace millrace {

MetricLog::MetricLog(Job& job, std::string algorithm)
    : log_(job.log()), host_(job.resources().current_host), algorithm_(std::move(algorithm)) {}

void MetricLog::quality(std::int64_t epoch, std::string_view channel, std::string_view name,
                        Figure kind, double value) {
  emit("#quality_metric: host=" + host_ + ", epoch=" + std::to_string(epoch) + ", " +
       std::string(channel) + " " + std::string(name) +
       (kind == Figure::Loss ? " <loss>=" : " <score>=") + number_text(value));
}

void MetricLog::quality(std::string_view channel, std::string_view name, Figure kind,
                        double value) {
  emit("#quality_metric: host=" + host_ + ", " + std::string(channel) + " " + std::string(name) +
       (kind == Figure::Loss ? " <loss>=" : " <score>=") + number_text(value));
}

void MetricLog::score(std::string_view channel, std::string_view name, double value) {
  emit("#" + std::string(channel) + "_score (" + host_ + ") : ('" + std::string(name) + "', " +
       number_text(value) + ")");
}

void MetricLog::score(std::string_view channel, std::string_view name,
                      const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(number_text(value));
  emit("#" + std::string(channel) + "_score (" + host_ + ") : ('" + std::string(name) + "', (" +
       join(texts, ", ") + "))");
}

void MetricLog::early_stopping(std::int64_t epoch, std::string_view criterion, double value) {
  emit("#early_stopping_criteria_metric: host=" + host_ + ", epoch=" + std::to_string(epoch) +
       ", criteria=" + std::string(criterion) + ", value=" + number_text(value));
}

void MetricLog::progress(std::int64_t epochs_done, std::int64_t epochs) {
  emit("#progress_metric: host=" + host_ + ", completed " +
       std::to_string(100 * epochs_done / epochs) + " % of epochs");
}

void MetricLog::throughput(std::int64_t records, double seconds) {
  emit("#throughput_metric: host=" + host_ + ", train throughput=" +
       number_text(static_cast<double>(records) / seconds) + " records/second");
}

void MetricLog::record(const std::vector<std::pair<std::string, double>>& figures, Json dimensions,
                       double start) {
  Json document = Json::object();
  Json& metrics = document["Metrics"] = Json::object();
  for (const auto& [name, value] : figures)
    metrics[name] = {{"count", 1}, {"max", value}, {"sum", value}, {"min", value}};
  document["EndTime"] = now();
  dimensions["Host"] = host_;
  dimensions["Operation"] = "training";
  dimensions["Algorithm"] = algorithm_;
  document["Dimensions"] = std::move(dimensions);
  document["StartTime"] = start;
  log_.plain("#metrics " + to_text(document));
}

double MetricLog::now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace millrace
