#include "trainer/algorithms/kmeans/refine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::kmeans {
namespace {

constexpr std::int64_t kFeatures = 3;

/// Three features without clear groups.
std::vector<float> row(std::int64_t i) {
  return {static_cast<float>(i * 37 % 101) / 10, static_cast<float>(i * 53 % 97) / 10,
          static_cast<float>(i * i % 89) / 20};
}

KeptRows keep(std::int64_t count, bool sparse = false,
              std::size_t max_bytes = KeptRows::kMaxBytes) {
  KeptRows kept(max_bytes);
  TabularBatch batch;
  batch.clear(sparse);
  for (std::int64_t i = 0; i < count; ++i) {
    Row each{.sparse = sparse, .columns = kFeatures, .values = row(i)};
    if (sparse) each.indices = {0, 1, 2};
    batch.append(each);
  }
  kept.add(batch);
  return kept;
}

/// The first k rows, which begin far from any optimum.
Centres first_rows(std::int64_t k, std::int64_t from = 0) {
  Centres centres{.features = kFeatures, .values = {}};
  for (std::int64_t i = from; i < from + k; ++i) {
    const std::vector<float> values = row(i);
    centres.values.insert(centres.values.end(), values.begin(), values.end());
  }
  return centres;
}

Refinement refine_alone(const std::vector<Centres>& candidates, const KeptRows& kept,
                        const RefineOptions& options, const std::stop_token& stop = {},
                        int threads = 2) {
  Team team(threads);
  OneHost host;
  return refine(candidates, kept, options, team, host, stop);
}

/// One host that is told to stop while it adds up for the nth time.
class StoppedHost final : public Hosts {
 public:
  explicit StoppedHost(int nth) : left_(nth) {}
  [[nodiscard]] Share share() const override { return {}; }
  void sum(std::span<double> /*values*/) override {
    if (--left_ == 0) stop_.request_stop();
  }
  std::vector<float> gather(std::span<const float> values) override {
    return {values.begin(), values.end()};
  }
  bool any(bool here) override { return here; }
  [[nodiscard]] std::stop_token stop() const { return stop_.get_token(); }

 private:
  int left_;
  std::stop_source stop_;
};

/// One iteration of Lloyd's method by its definition, in double; the mean squared distance of the
/// rows to the means of their groups.
double iterate(std::vector<double>& centres, std::int64_t rows) {
  const std::size_t k = centres.size() / kFeatures;
  std::vector<double> sums(centres.size()), counts(k);
  std::vector<std::size_t> group(static_cast<std::size_t>(rows));
  const auto squared = [](const std::vector<float>& values, const double* centre) {
    double sum = 0;
    for (std::size_t f = 0; f < kFeatures; ++f)
      sum += std::pow(static_cast<double>(values[f]) - centre[f], 2);
    return sum;
  };
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::vector<float> values = row(i);
    std::size_t best = 0;
    for (std::size_t c = 1; c < k; ++c) {
      if (squared(values, &centres[c * kFeatures]) < squared(values, &centres[best * kFeatures]))
        best = c;
    }
    group[static_cast<std::size_t>(i)] = best;
    counts[best] += 1;
    for (std::size_t f = 0; f < kFeatures; ++f)
      sums[best * kFeatures + f] += static_cast<double>(values[f]);
  }
  for (std::size_t c = 0; c < k; ++c) {
    for (std::size_t f = 0; f < kFeatures && counts[c] > 0; ++f)
      centres[c * kFeatures + f] = sums[c * kFeatures + f] / counts[c];
  }
  double loss = 0;
  for (std::int64_t i = 0; i < rows; ++i)
    loss += squared(row(i), &centres[group[static_cast<std::size_t>(i)] * kFeatures]);
  return loss / static_cast<double>(rows);
}

TEST(Refine, GoesTheWayOfLloydsMethodStepByStep) {
  constexpr std::int64_t kRows = 3000;
  for (const bool sparse : {false, true}) {
    const KeptRows kept = keep(kRows, sparse);
    const Centres start = first_rows(5);
    std::vector<double> plain(start.values.begin(), start.values.end());
    for (int iterations = 1; iterations <= 12; ++iterations) {
      const double loss = iterate(plain, kRows);
      const Refinement refined =
          refine_alone({start}, kept, {.max_iterations = iterations, .tolerance = 0});
      EXPECT_EQ(refined.iterations, iterations);
      EXPECT_EQ(refined.rows, kRows);
      EXPECT_NEAR(refined.mean_squared_distance, loss, 1e-5 * loss);
      for (std::size_t i = 0; i < plain.size(); ++i)
        EXPECT_NEAR(static_cast<double>(refined.centres.values[i]), plain[i], 2e-3)
            << iterations << " iterations, number " << i;
    }
  }
}

TEST(Refine, EndsWhereScikitLearnEnds) {
  // sklearn 1.2.1: KMeans(5, init=rows[:5], n_init=1, algorithm="lloyd", tol=0, max_iter=1000)
  //     .fit(rows).inertia_ / 3000
  const Refinement refined = refine_alone({first_rows(5)}, keep(3000), {.tolerance = 0});
  EXPECT_NEAR(refined.mean_squared_distance, 5.372290, 1e-3);
  EXPECT_LT(refined.iterations, 300);
}

TEST(Refine, EndsOnceAnIterationGainsLittle) {
  const KeptRows kept = keep(3000);
  const Refinement soon = refine_alone({first_rows(5)}, kept, {.tolerance = 0.01}),
                   late = refine_alone({first_rows(5)}, kept, {.tolerance = 0});
  EXPECT_LT(soon.iterations, late.iterations);
  EXPECT_GT(soon.mean_squared_distance, late.mean_squared_distance);
}

TEST(Refine, DoesNotDependOnTheThreads) {
  const KeptRows kept = keep(3000);
  const std::vector<Centres> candidates{first_rows(7), first_rows(7, 100)};
  const Refinement one = refine_alone(candidates, kept, {}, {}, 1),
                   three = refine_alone(candidates, kept, {}, {}, 3);
  EXPECT_EQ(one.centres.values, three.centres.values);
  EXPECT_EQ(one.mean_squared_distance, three.mean_squared_distance);
}

TEST(Refine, TakesTheCandidateThatEndsLowest) {
  // All rows at four places: a candidate with two centres at one of them never gets away.
  KeptRows kept;
  TabularBatch batch;
  batch.clear(false);
  for (int i = 0; i < 400; ++i)
    batch.append({.columns = 1, .values = {static_cast<float>(10 * (i % 4))}});
  kept.add(batch);
  const Centres poor{.features = 1, .values = {0, 0.1F, 10, 25}},
      good{.features = 1, .values = {1, 9, 22, 29}};
  for (const std::vector<Centres>& candidates :
       {std::vector{poor, good}, std::vector{good, poor}}) {
    const Refinement refined = refine_alone(candidates, kept, {});
    EXPECT_EQ(refined.centres.values, (std::vector<float>{0, 10, 20, 30}));
    EXPECT_EQ(refined.mean_squared_distance, 0);
  }
}

TEST(Refine, AStopAmongTheTrialsLeavesWhatTheyHaveFound) {
  const KeptRows kept = keep(3000);
  const Centres good = refine_alone({first_rows(5)}, kept, {}).centres;
  const Centres poor = first_rows(5, 1);
  // They add up the rows, then those of the first trial and twice what its iterations move. The
  // second trial is stopped before its first iteration.
  StoppedHost host(4);
  Team team(2);
  const Refinement refined = refine({good, poor}, kept, {}, team, host, host.stop());
  EXPECT_GT(refined.iterations, 0);
  for (std::size_t i = 0; i < good.values.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(refined.centres.values[i]), static_cast<double>(good.values[i]),
                0.1);
  }
}

TEST(Refine, ACentreWithoutRowsStaysWhereItIs) {
  Centres centres = first_rows(3);
  centres.values.insert(centres.values.end(), {1e6F, 0, 0});
  const Refinement refined = refine_alone({centres}, keep(500), {});
  EXPECT_EQ(refined.centres.row(3)[0], 1e6F);
  EXPECT_GT(refined.iterations, 0);
}

TEST(Refine, RowsThatAreFarApartHaveAFiniteLoss) {
  // Squared distances between the groups exceed what a float holds.
  KeptRows kept;
  TabularBatch batch;
  batch.clear(false);
  for (int i = 0; i < 100; ++i) {
    const float sign = i % 2 == 0 ? 1 : -1;
    batch.append({.columns = 2, .values = {sign * 1.5e19F, sign * 1.5e19F}});
  }
  kept.add(batch);
  const Centres start{.features = 2, .values = {1e19F, 1.5e19F, -1.5e19F, -1e19F}};
  const Refinement refined = refine_alone({start}, kept, {});
  EXPECT_TRUE(std::isfinite(refined.mean_squared_distance)) << refined.mean_squared_distance;
  EXPECT_EQ(refined.centres.values, (std::vector<float>{1.5e19F, 1.5e19F, -1.5e19F, -1.5e19F}));
}

TEST(Refine, OneCentreGoesToTheMean) {
  const Refinement refined = refine_alone({first_rows(1)}, keep(101 * 97), {.tolerance = 0});
  EXPECT_NEAR(static_cast<double>(refined.centres.values[0]), 5.0, 1e-5);
  EXPECT_NEAR(static_cast<double>(refined.centres.values[1]), 4.8, 1e-5);
}

TEST(Refine, LeavesTheFirstCandidateWhereTheSampleIsTooSmallOrTheJobIsStopped) {
  const std::vector<Centres> candidates{first_rows(5), first_rows(5, 9)};
  const KeptRows sample = keep(10'000, false, 100 << 10);
  ASSERT_GT(sample.level(), 0);
  const Refinement small = refine_alone(candidates, sample, {});
  EXPECT_EQ(small.iterations, 0);
  EXPECT_EQ(small.centres.values, candidates[0].values);
  EXPECT_GT(refine_alone({first_rows(1)}, sample, {}).iterations, 0);
  std::stop_source stopped;
  stopped.request_stop();
  const Refinement stop = refine_alone(candidates, keep(100), {}, stopped.get_token());
  EXPECT_EQ(stop.iterations, 0);
  EXPECT_EQ(stop.centres.values, candidates[0].values);
}

}  // namespace
}  // namespace millrace::kmeans
