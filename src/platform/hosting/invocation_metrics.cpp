#include "platform/hosting/invocation_metrics.h"

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <utility>

#include "core/base/text.h"
#include "generated/aws/cloudwatch/types.h"
#include "platform/metrics/metrics.h"
#include "platform/records/metrics.h"

namespace millrace::hosting {
namespace {

using Unit = wire::cloudwatch::StandardUnit;

constexpr std::chrono::seconds kPeriod{10};
constexpr std::int64_t kMinuteMs = 60'000;
/// Minutes of variants that are kept while the disk is full.
constexpr std::size_t kMaxKept = 4096;

}  // namespace

void InvocationMetrics::Share::add(double sample) {
  total += sample;
  minimum = std::min(minimum, sample);
  maximum = std::max(maximum, sample);
}

void InvocationMetrics::Share::add(const Share& other) {
  total += other.total;
  minimum = std::min(minimum, other.minimum);
  maximum = std::max(maximum, other.maximum);
}

void InvocationMetrics::Latency::add(std::chrono::steady_clock::duration time) {
  const double sample = std::chrono::duration<double, std::micro>(time).count();
  total += sample;
  minimum = std::min(minimum, sample);
  maximum = std::max(maximum, sample);
  ++buckets[metrics::bucket_of(sample)];
}

void InvocationMetrics::Latency::add(const Latency& other) {
  total += other.total;
  minimum = std::min(minimum, other.minimum);
  maximum = std::max(maximum, other.maximum);
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
}

std::vector<std::pair<std::int64_t, double>> InvocationMetrics::Latency::counts() const {
  std::vector<std::pair<std::int64_t, double>> found;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i] > 0) found.emplace_back(static_cast<std::int64_t>(i), buckets[i]);
  }
  return found;
}

void InvocationMetrics::Figures::add(const Figures& other) {
  requests += other.requests;
  per_instance.add(other.per_instance);
  client_errors.add(other.client_errors);
  server_errors.add(other.server_errors);
  model_errors.add(other.model_errors);
  model.add(other.model);
  overhead.add(other.overhead);
}

InvocationMetrics::InvocationMetrics(records::Database& database)
    : database_(database), writer_([this](const std::stop_token& stop) { run(stop); }) {}

InvocationMetrics::~InvocationMetrics() {
  writer_.request_stop();
  writer_.join();
  flush();
}

void InvocationMetrics::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any waiting;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    waiting.wait_for(lock, stop, kPeriod, [] { return false; });
    flush();
  }
}

void InvocationMetrics::record(const std::string& account, const std::string& endpoint,
                               const std::string& variant, const InvocationSample& sample) {
  const std::int64_t at = to_millis(now());
  Key key{
      .account = account, .endpoint = endpoint, .variant = variant, .minute = at - at % kMinuteMs};
  counted_.with([&](Counted& counted) {
    Figures& figures = counted[std::move(key)];
    ++figures.requests;
    figures.per_instance.add(1.0 /
                             static_cast<double>(std::max<std::int64_t>(1, sample.instances)));
    figures.client_errors.add(sample.status >= 400 && sample.status < 500 ? 1 : 0);
    figures.server_errors.add(sample.status >= 500 ? 1 : 0);
    figures.model_errors.add(sample.status < 200 || sample.status >= 300 ? 1 : 0);
    figures.model.add(sample.model);
    figures.overhead.add(sample.overhead);
  });
}

void InvocationMetrics::write(records::Connection& transaction, const Key& key,
                              const Figures& figures) {
  records::MetricTable table(transaction);
  const Time at = now();
  const auto samples = static_cast<double>(figures.requests);
  const auto add = [&](const char* name, const char* unit, const auto& figure,
                       const std::vector<std::pair<std::int64_t, double>>& buckets = {}) {
    table.add(metrics::variant_metric(key.account, metrics::kInvocationNamespace, key.endpoint,
                                      key.variant, name, unit),
              {.at = key.minute,
               .samples = samples,
               .total = figure.total,
               .minimum = figure.minimum,
               .maximum = figure.maximum},
              buckets, at);
  };
  add("Invocations", metrics::kNoUnit, Share{.total = samples, .minimum = 1, .maximum = 1});
  add("InvocationsPerInstance", metrics::kNoUnit, figures.per_instance);
  add("Invocation4XXErrors", metrics::kNoUnit, figures.client_errors);
  add("Invocation5XXErrors", metrics::kNoUnit, figures.server_errors);
  add("InvocationModelErrors", metrics::kNoUnit, figures.model_errors);
  add("ModelLatency", Unit::Microseconds, figures.model, figures.model.counts());
  add("OverheadLatency", Unit::Microseconds, figures.overhead, figures.overhead.counts());
}

void InvocationMetrics::flush() noexcept {
  Counted counted = counted_.with([](Counted& all) { return std::exchange(all, {}); });
  if (counted.empty()) return;
  try {
    database_.write([&](records::Connection& transaction) {
      for (const auto& [key, figures] : counted) write(transaction, key, figures);
    });
  } catch (const std::exception& failure) {
    std::cerr << iso8601(now()) << " event=metrics_not_written action="
              << (counted.size() < kMaxKept ? "retrying" : "dropped") << " reason=\""
              << printable(failure.what(), 300) << "\"" << std::endl;
    if (counted.size() >= kMaxKept) return;
    counted_.with([&](Counted& all) {
      for (const auto& [key, figures] : counted) all[key].add(figures);
    });
  }
}

}  // namespace millrace::hosting
