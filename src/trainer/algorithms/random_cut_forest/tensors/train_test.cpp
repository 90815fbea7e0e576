#include <gtest/gtest.h>

#include <cmath>

#include "core/base/text.h"
#include "core/contract/config_reader.h"
#include "trainer/algorithms/random_cut_forest/algorithm.h"
#include "trainer/algorithms/random_cut_forest/forest_file.h"
#include "trainer/algorithms/random_cut_forest/forest_scorer.h"
#include "trainer/algorithms/random_cut_forest/tensors/tensor_algorithm.h"
#include "trainer/job/job_folder.h"
#include "trainer/learn/hosts_for_test.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::random_cut_forest {
namespace {

const TabularJobs jobs{.algorithm = algorithm, .train = train};

/// Row i on a spiral, its turns growing slowly; with every 200th far from it.
std::string lines(int begin, int end, bool labels = false) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    const bool far = i % 200 == 3;
    const double radius = far ? 30 : 1 + i % 97 * 0.01, angle = i * 0.37;
    if (labels) text += far ? "1," : "0,";
    text +=
        number_text(radius * std::cos(angle)) + "," + number_text(radius * std::sin(angle)) + "\n";
  }
  return text;
}

class Hosts {
 public:
  /// One host with all rows, or two with the halves that a store of two objects deals them.
  Hosts(const std::map<std::string, std::string>& settings, int rows)
      : one(settings), first(settings), second(settings) {
    const ChannelConfig whole{.name = "train", .content_type = "text/csv"};
    ChannelConfig sharded = whole;
    sharded.distribution = "ShardedByS3Key";
    one.add_channel(whole, {{"a", lines(0, rows / 2)}, {"b", lines(rows / 2, rows)}});
    first.add_channel(sharded, {{"a", lines(0, rows / 2)}});
    second.add_channel(sharded, {{"b", lines(rows / 2, rows)}});
    for (JobFolder* folder : {&one, &first, &second}) {
      folder->add_channel({.name = "test", .content_type = "text/csv"},
                          {{"t", lines(rows, rows + 3000, true)}});
    }
    jobs.run(one);
    testing::internal::CaptureStdout();
    run_together({&first, &second}, jobs);
    log = testing::internal::GetCapturedStdout();
  }

  JobFolder one, first, second;
  std::string log;  ///< of both of the two
};

TEST(TwoHosts, GrowTheForestOfOneWhereTheSampleHoldsAllRows) {
  const Hosts hosts(
      {{"feature_dim", "2"}, {"num_trees", "50"}, {"num_samples_per_tree", "40"}, {"seed", "3"}},
      2000);
  EXPECT_TRUE(read_file(hosts.one.paths().model() / kModelFile) ==
              read_file(hosts.first.paths().model() / kModelFile));
  EXPECT_TRUE(std::filesystem::is_empty(hosts.second.paths().model()));
  EXPECT_NE(hosts.log.find("2000 samples gathered"), std::string::npos);
  EXPECT_NE(hosts.log.find("ForestInfo{num_trees: 50, num_samples_in_forest: 2000"),
            std::string::npos);
  const std::string host = read_resource_config(hosts.first.paths()).current_host;
  EXPECT_NE(hosts.log.find("#quality_metric: host=" + host + ", test f1 <score>=1\n"),
            std::string::npos)
      << hosts.log;
}

TEST(TwoHosts, GiveTheScoresOfOneUpToTheDrawOfTheSample) {
  const Hosts hosts({{"feature_dim", "2"}, {"num_trees", "200"}, {"num_samples_per_tree", "64"}},
                    40'000);
  const Forest one = load_model(hosts.one.paths().model()),
               two = load_model(hosts.first.paths().model());
  EXPECT_EQ(two.trees.size(), 200U);
  EXPECT_NE(one, two);
  // Standard deviations of a forest of 200 trees are about 0.02; five of the difference of two.
  const std::vector<float> queries{1, 0, 0, 0, 1.5F, 0.5F, 30, 0, -4, 4};
  const std::vector<float> a = ForestScorer(one, 1).score(queries),
                           b = ForestScorer(two, 1).score(queries);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 0.15) << i;
}

}  // namespace
}  // namespace millrace::random_cut_forest
