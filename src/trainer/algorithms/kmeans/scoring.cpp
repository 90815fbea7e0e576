#include "trainer/algorithms/kmeans/scoring.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/team.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/nearest.h"
#include "trainer/algorithms/kmeans/parallel_nearest.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::kmeans {
namespace {

/// Numbers of the centres from which rows of several requests are brought together, which costs
/// each two switches of threads. Chosen by reckoning, not measured.
constexpr std::int64_t kCostlyValues = 1 << 20;

class KmeansScorer final : public TabularScorer {
 public:
  explicit KmeansScorer(const Centres& centres)
      : features_(centres.features),
        values_(centres.count() * centres.features),
        nearest_(centres) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return features_; }
  [[nodiscard]] bool computes_together() const override { return values_ >= kCostlyValues; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool /*verbose*/) const override {
    std::vector<Nearest> found;
    // Sharing a little work costs more, in switches of threads, than it saves.
    const bool shared = useful_threads(rows.rows()) > 1 && rows.rows() * values_ >= kCostlyValues;
    if (shared) {
      team_.with([&](const auto& team) { find_nearest(nearest_, rows, *team, found); });
    } else {
      Team alone(1);
      find_nearest(nearest_, rows, alone, found);
    }
    std::vector<Prediction> predictions;
    for (const Nearest& each : found) {
      if (!std::isfinite(each.squared_distance)) {
        throw Error(Blame::Customer,
                    Problem{.where = "row of the request",
                            .given = "nan, inf or a number too large to be squared",
                            .expected = "finite float32 numbers",
                            .fix = "Send features in the units of training."});
      }
      predictions.push_back(
          {{.name = "closest_cluster", .values = {static_cast<float>(each.centre)}},
           {.name = "distance_to_cluster", .values = {std::sqrt(each.squared_distance)}}});
    }
    return predictions;
  }

 private:
  std::int64_t features_;
  std::int64_t values_;  ///< numbers of the centres
  NearestCentre nearest_;
  /// Of all requests: each has its turn, as its threads would take the CPUs from those of another.
  Guarded<std::unique_ptr<Team>> team_{std::make_unique<Team>(available_cpus())};
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  return std::make_unique<KmeansScorer>(read_model(model));
}

}  // namespace millrace::kmeans
