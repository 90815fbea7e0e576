#include "platform/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/base/error.h"
#include "platform/metrics/buckets.h"
#include "platform/records/temporary_database.h"

namespace millrace::metrics {
namespace {

namespace cw = wire::cloudwatch;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

class MetricsTest : public ::testing::Test {
 protected:
  /// Values at seconds after a full hour of yesterday.
  void put(const std::string& name, const std::vector<std::pair<int, double>>& values,
           const std::vector<cw::Dimension>& dimensions = {}) {
    cw::PutMetricDataInput request{.namespace_ = "mine"};
    for (const auto& [second, value] : values) {
      request.metric_data.push_back(
          {.metric_name = name, .dimensions = dimensions, .timestamp = at(second), .value = value});
    }
    metrics_.put_data(request, caller_);
  }
  [[nodiscard]] Time at(int second) const { return hour_ + std::chrono::seconds(second); }

  std::vector<cw::Datapoint> statistics(const std::string& name, int from, int until, int period,
                                        std::vector<std::string> which,
                                        const std::vector<cw::Dimension>& dimensions = {}) {
    return metrics_
        .get_statistics({.namespace_ = "mine",
                         .metric_name = name,
                         .dimensions = dimensions,
                         .start_time = at(from),
                         .end_time = at(until),
                         .period = period,
                         .statistics = std::move(which)},
                        caller_)
        .datapoints.value();
  }
  cw::GetMetricDataInput query(const std::string& name, int from, int until) {
    return {.metric_data_queries = {{.id = "q",
                                     .metric_stat = cw::MetricStat{.metric = {.namespace_ = "mine",
                                                                              .metric_name = name},
                                                                   .period = 60,
                                                                   .stat = "Average"}}},
            .start_time = at(from),
            .end_time = at(until)};
  }

  records::TemporaryDatabase records_;
  Metrics metrics_{records_.database()};
  aws::Caller caller_{.account = "111122223333"};
  const Time hour_ = std::chrono::floor<std::chrono::hours>(now()) - std::chrono::hours(24);
};

TEST_F(MetricsTest, AStatisticIsOfThePointsOfEachPeriod) {
  put("loss", {{0, 4}, {59, 2}, {60, 1}, {200, 8}});
  const auto found =
      statistics("loss", 0, 300, 60, {"Average", "Sum", "Minimum", "Maximum", "SampleCount"});
  ASSERT_EQ(found.size(), 3U) << "periods without a point are left out";
  EXPECT_EQ(found[0].timestamp, at(0));
  EXPECT_EQ(found[0].average, 3);
  EXPECT_EQ(found[0].sum, 6);
  EXPECT_EQ(found[0].minimum, 2);
  EXPECT_EQ(found[0].maximum, 4);
  EXPECT_EQ(found[0].sample_count, 2);
  EXPECT_EQ(found[1].timestamp, at(60));
  EXPECT_EQ(found[2].timestamp, at(180));
  EXPECT_EQ(found[2].unit, "None");
}

TEST_F(MetricsTest, OnlyTheStatisticsAskedForAreAnswered) {
  put("loss", {{0, 4}});
  const auto found = statistics("loss", 0, 60, 60, {"Maximum"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].maximum, 4);
  EXPECT_FALSE(found[0].average);
}

TEST_F(MetricsTest, AnEndIsNotIncludedAndAStartIsMovedToItsPeriod) {
  put("loss", {{10, 1}, {120, 2}});
  EXPECT_EQ(statistics("loss", 30, 120, 60, {"Sum"}).size(), 1U);
}

TEST_F(MetricsTest, DimensionsTellMetricsApartInAnyOrder) {
  put("loss", {{0, 1}}, {{.name = "a", .value = "1"}, {.name = "b", .value = "2"}});
  put("loss", {{0, 5}}, {{.name = "a", .value = "1"}});
  const auto found = statistics("loss", 0, 60, 60, {"Sum"},
                                {{.name = "b", .value = "2"}, {.name = "a", .value = "1"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].sum, 1);
  EXPECT_THAT(statistics("loss", 0, 60, 60, {"Sum"}), IsEmpty());
}

TEST_F(MetricsTest, AccountsDoNotSeeEachOthersMetrics) {
  put("loss", {{0, 1}});
  caller_.account = "444455556666";
  EXPECT_THAT(statistics("loss", 0, 60, 60, {"Sum"}), IsEmpty());
  EXPECT_THAT(*metrics_.list({}, caller_).metrics, IsEmpty());
}

TEST_F(MetricsTest, ValuesWithCountsAndSetsAreSamples) {
  metrics_.put_data(
      {.namespace_ = "mine",
       .metric_data = {{.metric_name = "latency",
                        .timestamp = at(0),
                        .values = std::vector<double>{1, 10},
                        .counts = std::vector<double>{3, 1}},
                       {.metric_name = "latency",
                        .timestamp = at(1),
                        .statistic_values =
                            cw::StatisticSet{
                                .sample_count = 4, .sum = 27, .minimum = 0.5, .maximum = 20}}}},
      caller_);
  const auto found =
      statistics("latency", 0, 60, 60, {"Average", "Minimum", "Maximum", "SampleCount"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].sample_count, 8);
  EXPECT_EQ(found[0].average, 5) << "(1 + 1 + 1 + 10 + 27) / 8";
  EXPECT_EQ(found[0].minimum, 0.5);
  EXPECT_EQ(found[0].maximum, 20);
}

TEST_F(MetricsTest, MoreThan1440PeriodsAreRefused) {
  EXPECT_EQ(statistics("loss", 0, 1440 * 60, 60, {"Sum"}).size(), 0U);
  EXPECT_THAT(refusal([&] { statistics("loss", 0, 1440 * 60 + 1, 60, {"Sum"}); }),
              HasSubstr("You have requested up to 1441 datapoints"));
}

TEST_F(MetricsTest, WhatIsWrongWithAQuestionIsNamed) {
  EXPECT_THAT(refusal([&] { statistics("loss", 0, 60, 45, {"Sum"}); }),
              HasSubstr("Period: got \"45\", expected 1, 5, 10, 30 or a multiple of 60"));
  EXPECT_THAT(refusal([&] { statistics("loss", 60, 60, 60, {"Sum"}); }),
              HasSubstr("StartTime must be less than"));
  EXPECT_THAT(refusal([&] {
                metrics_.get_statistics({.namespace_ = "mine",
                                         .metric_name = "loss",
                                         .start_time = at(0),
                                         .end_time = at(60),
                                         .period = 60,
                                         .extended_statistics = std::vector<std::string>{"tm99"}},
                                        caller_);
              }),
              HasSubstr("ExtendedStatistics: got \"tm99\", expected percentiles"));
}

TEST_F(MetricsTest, PercentilesAreThoseOfTheSamplesWhereTheyAreKnown) {
  std::vector<std::pair<int, double>> samples;
  for (int value = 100; value >= 1; --value) samples.emplace_back(value % 60, value);
  put("loss", samples);
  const auto ask = [&](const std::string& metric, const std::string& name) {
    return metrics_.get_statistics({.namespace_ = "mine",
                                    .metric_name = metric,
                                    .start_time = at(0),
                                    .end_time = at(60),
                                    .period = 60,
                                    .extended_statistics = {{name}}},
                                   caller_);
  };
  for (const auto& [name, value] :
       {std::pair{"p50", 50.0}, {"p99", 99.0}, {"p99.9", 100.0}, {"p0", 1.0}, {"p100", 100.0}}) {
    const auto points = *ask("loss", name).datapoints;
    ASSERT_EQ(points.size(), 1U);
    EXPECT_EQ(points[0].extended_statistics->at(name), value) << name;
    EXPECT_FALSE(points[0].average);
  }
  const auto data = metrics_.get_data(
      {.metric_data_queries = {{.id = "a",
                                .metric_stat = {{.metric = {.namespace_ = "mine",
                                                            .metric_name = "loss"},
                                                 .period = 60,
                                                 .stat = "p90"}}}},
       .start_time = at(0),
       .end_time = at(60)},
      caller_);
  EXPECT_EQ(data.metric_data_results->at(0).values, std::vector<double>{90});

  // Of a set of statistics nobody knows the samples.
  metrics_.put_data(
      {.namespace_ = "mine",
       .metric_data =
           {{.metric_name = "loss",
             .timestamp = at(1),
             .statistic_values = {{.sample_count = 2, .sum = 3, .minimum = 1, .maximum = 2}}}}},
      caller_);
  EXPECT_FALSE(ask("loss", "p50").datapoints->at(0).extended_statistics);
}

TEST(Buckets, AreWithinThreePercentOfTheirSamples) {
  for (double sample = 1; sample < 1e11; sample *= 1.017) {
    EXPECT_NEAR(value_of(static_cast<std::int64_t>(bucket_of(sample))), sample, 0.032 * sample);
    EXPECT_LE(bucket_of(sample), bucket_of(sample * 1.07) - 1);
  }
  EXPECT_EQ(bucket_of(0), 0U);
  EXPECT_EQ(value_of(0), 0);
  EXPECT_EQ(bucket_of(1e300), kBuckets - 1);
  EXPECT_EQ(bucket_of(-1), 0U);
}

TEST_F(MetricsTest, WhatIsWrongWithAPointIsNamedAndNothingOfItsRequestIsKept) {
  const auto put_one = [&](cw::MetricDatum datum) {
    datum.metric_name = "loss";
    return refusal([&] {
      metrics_.put_data({.namespace_ = "mine",
                         .metric_data = {{.metric_name = "good", .timestamp = at(0), .value = 1},
                                         std::move(datum)}},
                        caller_);
    });
  };
  EXPECT_THAT(put_one({.value = std::numeric_limits<double>::quiet_NaN()}),
              HasSubstr("MetricData[1].Value: got \"nan\""));
  EXPECT_THAT(put_one({}), HasSubstr("MetricData[1]: exactly one of"));
  EXPECT_THAT(put_one({.value = 1, .values = std::vector<double>{1}}),
              HasSubstr("InvalidParameterCombination"));
  EXPECT_THAT(put_one({.timestamp = Time{}, .value = 1}), HasSubstr("MetricData[1].Timestamp"));
  EXPECT_THAT(put_one({.values = std::vector<double>{1, 2}, .counts = std::vector<double>{1}}),
              HasSubstr("MetricData[1].Counts: got \"1 counts\", expected as many as Values, 2"));
  EXPECT_THAT(*metrics_.list({}, caller_).metrics, IsEmpty());
}

TEST_F(MetricsTest, AmazonsNamespacesAreReserved) {
  EXPECT_THAT(refusal([&] {
                metrics_.put_data({.namespace_ = "AWS/SageMaker",
                                   .metric_data = {{.metric_name = "m", .value = 1}}},
                                  caller_);
              }),
              HasSubstr("reserved"));
}

TEST_F(MetricsTest, TheKeysOfAJobCannotForgeTheMetricsOfJobs) {
  caller_.job = "job-1";
  EXPECT_THAT(refusal([&] {
                metrics_.put_data({.namespace_ = kTrainingNamespace,
                                   .metric_data = {{.metric_name = "m", .value = 1}}},
                                  caller_);
              }),
              HasSubstr("AccessDeniedException"));
}

TEST_F(MetricsTest, AListIsFilteredByNamespaceNameAndDimensions) {
  put("loss", {{0, 1}}, {{.name = "job", .value = "a"}});
  put("loss", {{0, 1}}, {{.name = "job", .value = "b"}});
  put("accuracy", {{0, 1}});
  EXPECT_EQ(metrics_.list({.metric_name = "loss"}, caller_).metrics->size(), 2U);
  const auto one = metrics_.list(
      {.dimensions = std::vector<cw::DimensionFilter>{{.name = "job", .value = "b"}}}, caller_);
  ASSERT_EQ(one.metrics->size(), 1U);
  EXPECT_THAT(*one.metrics->front().dimensions,
              ElementsAre(cw::Dimension{.name = "job", .value = "b"}));
  EXPECT_FALSE(one.next_token);
  EXPECT_THAT(*metrics_.list({.namespace_ = "yours"}, caller_).metrics, IsEmpty());
}

TEST_F(MetricsTest, SeriesComeNewestFirstUnlessAskedOtherwise) {
  put("loss", {{0, 3}, {60, 2}, {120, 1}});
  auto request = query("loss", 0, 180);
  EXPECT_THAT(*metrics_.get_data(request, caller_).metric_data_results->front().values,
              ElementsAre(1, 2, 3));
  request.scan_by = "TimestampAscending";
  const auto answer = metrics_.get_data(request, caller_);
  EXPECT_THAT(*answer.metric_data_results->front().values, ElementsAre(3, 2, 1));
  EXPECT_THAT(*answer.metric_data_results->front().timestamps, ElementsAre(at(0), at(60), at(120)));
  EXPECT_EQ(answer.metric_data_results->front().status_code, "Complete");
}

TEST_F(MetricsTest, PagesOfASeriesJoinWithoutGapOrRepetition) {
  put("loss", {{0, 5}, {60, 4}, {120, 3}, {180, 2}, {240, 1}});
  for (const char* order : {"TimestampDescending", "TimestampAscending"}) {
    auto request = query("loss", 0, 300);
    request.scan_by = order;
    request.max_datapoints = 2;
    std::vector<double> values;
    int pages = 0;
    do {
      const auto page = metrics_.get_data(request, caller_);
      for (const auto& result : *page.metric_data_results)
        values.insert(values.end(), result.values->begin(), result.values->end());
      request.next_token = page.next_token;
      ++pages;
    } while (request.next_token && pages < 10);
    EXPECT_EQ(pages, 3) << order;
    if (std::string(order) == "TimestampAscending") {
      EXPECT_THAT(values, ElementsAre(5, 4, 3, 2, 1));
    } else {
      EXPECT_THAT(values, ElementsAre(1, 2, 3, 4, 5));
    }
  }
}

TEST_F(MetricsTest, ExpressionsAreRefusedByTheIdOfTheirQuery) {
  auto request = query("loss", 0, 60);
  request.metric_data_queries.push_back({.id = "sum", .expression = "q + 1"});
  EXPECT_THAT(refusal([&] { metrics_.get_data(request, caller_); }),
              HasSubstr("query 'sum': Expression is not offered"));
}

}  // namespace
}  // namespace millrace::metrics
