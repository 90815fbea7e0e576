#include "platform/console/metric_pyramid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "platform/console/metric_series.h"
#include "platform/records/temporary_database.h"

namespace millrace::console {
namespace {

using records::MetricPoint;

std::vector<MetricPoint> noise(std::size_t count, std::int64_t from = 0) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::vector<MetricPoint> points;
  for (std::size_t i = 0; i < count; ++i)
    points.push_back(MetricPoint::of(from + static_cast<std::int64_t>(i) * 1000, normal(random)));
  return points;
}

TEST(MetricPyramid, AFewPointsAreExact) {
  MetricPyramid pyramid;
  pyramid.add(std::vector<MetricPoint>{MetricPoint::of(1500, 2), MetricPoint::of(2500, -1)});
  const Tile tile = pyramid.tile(0, 10, 1200);
  EXPECT_TRUE(tile.exact);
  ASSERT_EQ(tile.buckets.size(), 2U);
  EXPECT_EQ(tile.buckets[0], (Bucket{.x = 1.5, .min = 2, .max = 2, .first = 2, .last = 2}));
  EXPECT_EQ(pyramid.all(), (Bucket{.x = 1.5, .min = -1, .max = 2, .first = 2, .last = -1}));
}

TEST(MetricPyramid, NoPeakIsLostAtAnyWidth) {
  std::vector<MetricPoint> points = noise(10'007);
  points[4321] = MetricPoint::of(points[4321].at, 1e6);
  points[9999] = MetricPoint::of(points[9999].at, -1e6);
  MetricPyramid pyramid;
  pyramid.add(points);
  for (const std::size_t width : {1, 7, 100, 1200, 20'000}) {
    const Tile tile = pyramid.tile(-1e15, 1e15, width);
    EXPECT_LE(tile.buckets.size(), width);
    EXPECT_EQ(tile.exact, width >= points.size());
    float min = 0, max = 0;
    for (const Bucket& bucket : tile.buckets) {
      min = std::min(min, bucket.min);
      max = std::max(max, bucket.max);
    }
    EXPECT_EQ(min, -1e6F);
    EXPECT_EQ(max, 1e6F);
    EXPECT_EQ(tile.buckets.front().first, static_cast<float>(points.front().total));
    EXPECT_EQ(tile.buckets.back().last, static_cast<float>(points.back().total));
  }
}

TEST(MetricPyramid, AStretchHasOneBucketMoreOnEitherSide) {
  MetricPyramid pyramid;
  pyramid.add(noise(100));
  const Tile tile = pyramid.tile(10, 20, 50);
  EXPECT_TRUE(tile.exact);
  EXPECT_EQ(tile.buckets.front().x, 9);
  EXPECT_EQ(tile.buckets.back().x, 21);
  EXPECT_TRUE(pyramid.tile(1000, 2000, 50).buckets.size() <= 1);
}

TEST(MetricPyramid, PointsThatComeOneByOneAndOutOfOrderMakeTheSame) {
  const std::vector<MetricPoint> points = noise(3000);
  MetricPyramid whole;
  whole.add(points);
  MetricPyramid grown;
  std::vector<MetricPoint> left = points;
  std::mt19937 random(3);
  while (!left.empty()) {
    const std::size_t count = std::min<std::size_t>(left.size(), 1 + random() % 40);
    std::vector<MetricPoint> some(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(count));
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(count));
    if (count > 3 && left.size() > 1) std::swap(some.back(), left.front());  // one comes early
    std::sort(some.begin(), some.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    grown.add(some);
    std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  }
  for (const std::size_t width : {1, 10, 100, 1000, 5000}) {
    const Tile a = whole.tile(100, 2000, width), b = grown.tile(100, 2000, width);
    EXPECT_EQ(a.level, b.level);
    EXPECT_TRUE(std::equal(a.buckets.begin(), a.buckets.end(), b.buckets.begin(), b.buckets.end()));
  }
}

TEST(MetricPyramid, TravelsAsItsHeadAndBuckets) {
  MetricPyramid pyramid;
  pyramid.add(std::vector<MetricPoint>{MetricPoint::of(1500, 2)});
  const std::string bytes = encode(pyramid.tile(0, 10, 100));
  ASSERT_EQ(bytes.size(), 16U + 24U);
  std::uint32_t head[4];
  std::memcpy(head, bytes.data(), sizeof(head));
  EXPECT_EQ(head[0], 1U);
  EXPECT_EQ(head[1], 0U);
  EXPECT_EQ(head[2], 1U);
  double x = 0;
  std::memcpy(&x, bytes.data() + 16, sizeof(x));
  EXPECT_EQ(x, 1.5);
  EXPECT_EQ(encode(MetricPyramid().tile(0, 1, 10)).size(), 16U);
}

class MetricSeriesTest : public ::testing::Test {
 protected:
  records::MetricRow write(const std::string& name, const std::vector<MetricPoint>& points) {
    return records_.database().write([&](records::Connection& transaction) {
      records::MetricTable table(transaction);
      const records::MetricKey key{"1", "n", name, "{}", "None"};
      table.append(key, points, from_millis(0));
      return table.find(key).at(0);
    });
  }
  static std::size_t count(const MetricPyramid& pyramid) { return pyramid.points(); }

  records::TemporaryDatabase records_;
};

TEST_F(MetricSeriesTest, GrowWithWhatIsWrittenHoweverLateItIs) {
  MetricSeries series(records_.database());
  EXPECT_EQ(series.with(write("a", noise(10, 1'000'000)), count), 10U);
  EXPECT_EQ(series.with(write("a", noise(10, 1'010'000)), count), 20U);
  write("a", noise(5, 5'000'000));
  // Long before the others, and together with newer ones.
  const auto row = write("a", {MetricPoint::of(10, 99)});
  EXPECT_EQ(series.with(row, count), 26U);
  EXPECT_EQ(series.with(row, [](const MetricPyramid& p) { return p.all(); }).first, 99.0F);
  EXPECT_EQ(series.with(row, count), 26U);
}

TEST_F(MetricSeriesTest, ALongOneIsTheSameHoweverItIsRead) {
  std::vector<MetricPoint> points = noise(60'000);
  points.push_back(MetricPoint::of(points.front().at, 5));  // written last, and of the first time
  MetricPyramid whole;
  std::vector<MetricPoint> sorted = points;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  whole.add(sorted);
  MetricSeries series(records_.database());
  const auto row = write("long", points);
  const auto same = [&](const MetricPyramid& pyramid) {
    EXPECT_EQ(pyramid.points(), points.size());
    return encode(pyramid.tile(0, 1e12, 1000)) == encode(whole.tile(0, 1e12, 1000)) &&
           encode(pyramid.tile(0, 1e12, 1'000'000)) == encode(whole.tile(0, 1e12, 1'000'000));
  };
  EXPECT_TRUE(series.with(row, same));
  EXPECT_EQ(series.with(write("long", noise(10, points.back().at + 1)), count), points.size() + 10);
}

TEST_F(MetricSeriesTest, ThoseNotAskedForLongestAreDropped) {
  MetricSeries series(records_.database(), 100'000);
  const auto a = write("a", noise(2000));
  const auto b = write("b", noise(2000));
  const auto c = write("c", noise(2000));
  for (const auto& row : {a, b, c, a}) EXPECT_EQ(series.with(row, count), 2000U);
  EXPECT_LE(series.bytes(), 100'000U);
  EXPECT_GT(series.bytes(), 0U);
}

}  // namespace
}  // namespace millrace::console
