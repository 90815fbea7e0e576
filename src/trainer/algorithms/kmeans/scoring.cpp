#include "trainer/algorithms/kmeans/scoring.h"

#include <cmath>

#include "core/base/error.h"
#include "trainer/algorithms/kmeans/centres.h"
#include "trainer/algorithms/kmeans/nearest.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::kmeans {
namespace {

class KmeansScorer final : public TabularScorer {
 public:
  explicit KmeansScorer(const Centres& centres) : features_(centres.features), nearest_(centres) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return features_; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool /*verbose*/) const override {
    std::vector<Nearest> found(static_cast<std::size_t>(rows.rows()));
    nearest_.find(rows, 0, found);
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
  NearestCentre nearest_;
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  return std::make_unique<KmeansScorer>(read_model(model));
}

}  // namespace millrace::kmeans
