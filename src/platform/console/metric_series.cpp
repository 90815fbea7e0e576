#include "platform/console/metric_series.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/base/for_each_on.h"
#include "core/contract/cpu_environment.h"

namespace millrace::console {
namespace {

/// Hosts of a job report on their own, so that points come a little out of order. What is later
/// than this needs a walk through the whole series.
constexpr std::int64_t kLateMillis = 60'000;
/// Of a series that long stretches are read beside each other.
constexpr std::int64_t kManyPoints = 50'000;
constexpr std::size_t kStretches = 8;
constexpr int kMaxThreads = 4;

}  // namespace

std::size_t MetricSeries::bytes() const {
  return state_.with([](const State& state) { return state.bytes; });
}

std::shared_ptr<MetricSeries::Entry> MetricSeries::find(std::int64_t metric) {
  return state_.with([&](State& state) {
    const auto known = state.by_metric.find(metric);
    if (known != state.by_metric.end()) {
      state.order.splice(state.order.begin(), state.order, known->second);
      return known->second->entry;
    }
    state.order.push_front({.metric = metric, .entry = std::make_shared<Entry>()});
    state.by_metric.emplace(metric, state.order.begin());
    return state.order.front().entry;
  });
}

/// The first `metric.points` points of a series, which are all there, read by several threads: a
/// million of them take the database a third of a second.
void MetricSeries::build(Entry& entry, const records::MetricRow& metric) {
  const auto extent = database_.read([&](records::Connection& connection) {
    return records::MetricTable(connection).extent(metric.id);
  });
  if (!extent) return;
  const std::int64_t from = extent->first;
  const std::int64_t length = extent->second - from + 1;
  std::array<std::vector<records::MetricPoint>, kStretches> stretches;
  const auto begin_of = [&](std::size_t stretch) {
    return from +
           length / static_cast<std::int64_t>(kStretches) * static_cast<std::int64_t>(stretch);
  };
  for_each_on(std::min(available_cpus(), kMaxThreads), kStretches, [&](std::size_t stretch) {
    const std::int64_t until = stretch + 1 == kStretches ? from + length : begin_of(stretch + 1);
    database_.read([&](records::Connection& connection) {
      records::MetricTable(connection)
          .each_point(
              metric.id, begin_of(stretch), 0,
              [&](std::int64_t sequence, const records::MetricPoint& point) {
                // Later ones may be in one stretch and not yet in another: the next look has them.
                if (sequence < metric.points) stretches.at(stretch).push_back(point);
              },
              until);
    });
  });
  for (const auto& points : stretches) entry.pyramid.add(points);
  entry.written = metric.points;
  account(metric.id, entry.pyramid.bytes());
}

void MetricSeries::refresh(Entry& entry, const records::MetricRow& metric) {
  if (metric.points <= entry.written) return;
  if (entry.written == 0 && metric.points >= kManyPoints) return build(entry, metric);
  std::vector<records::MetricPoint> points;
  std::int64_t written = entry.written;
  const auto read = [&](std::int64_t from) {
    points.clear();
    database_.read([&](records::Connection& connection) {
      records::MetricTable(connection)
          .each_point(metric.id, from, entry.written,
                      [&](std::int64_t sequence, const records::MetricPoint& point) {
                        points.push_back(point);
                        written = std::max(written, sequence + 1);
                      });
    });
    return static_cast<std::int64_t>(points.size()) == written - entry.written;
  };
  constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::min();
  const bool begun = entry.pyramid.points() > 0;
  // Late points between others show as holes in what was written.
  const bool whole =
      read(begun ? static_cast<std::int64_t>(entry.pyramid.last_x() * 1000) - kLateMillis : kEver);
  if (begun && (!whole || written < metric.points)) read(kEver);
  entry.pyramid.add(points);
  entry.written = written;
  account(metric.id, entry.pyramid.bytes());
}

void MetricSeries::account(std::int64_t metric, std::size_t bytes) {
  state_.with([&](State& state) {
    const auto known = state.by_metric.find(metric);
    if (known == state.by_metric.end()) return;  // dropped meanwhile
    state.bytes += bytes - known->second->bytes;
    known->second->bytes = bytes;
    while (state.bytes > max_bytes_ && state.order.size() > 1) {
      const Kept& oldest = state.order.back();
      state.bytes -= oldest.bytes;
      state.by_metric.erase(oldest.metric);
      state.order.pop_back();
    }
  });
}

}  // namespace millrace::console
