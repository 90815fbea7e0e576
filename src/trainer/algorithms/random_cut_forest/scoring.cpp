#include "trainer/algorithms/random_cut_forest/scoring.h"

#include <utility>

#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/random_cut_forest/forest_file.h"
#include "trainer/algorithms/random_cut_forest/forest_scorer.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::random_cut_forest {
namespace {

class CutForestScorer final : public TabularScorer {
 public:
  explicit CutForestScorer(Forest forest)
      : forest_(std::move(forest)), scorer_(forest_, available_cpus()) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return forest_.features; }
  [[nodiscard]] std::string_view list_name() const override { return "scores"; }
  // A tree's boxes are made once for all rows of a batch.
  [[nodiscard]] bool computes_together() const override { return true; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool /*verbose*/) const override {
    std::vector<float> scratch;
    std::vector<Prediction> predictions;
    for (const float score : scorer_.score(rows.dense_features(scratch)))
      predictions.push_back({{.name = "score", .values = {score}}});
    return predictions;
  }

 private:
  const Forest forest_;
  const ForestScorer scorer_;
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  return std::make_unique<CutForestScorer>(load_model(model));
}

}  // namespace millrace::random_cut_forest
