#include "trainer/algorithms/pca/scoring.h"

#include <utility>

#include "trainer/algorithms/pca/pca_model.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::pca {
namespace {

class PcaScorer final : public TabularScorer {
 public:
  explicit PcaScorer(PcaModel model) : model_(std::move(model)) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return model_.features; }
  [[nodiscard]] std::string_view list_name() const override { return "projections"; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool /*verbose*/) const override {
    const std::vector<float> projections = model_.project(rows);
    std::vector<Prediction> predictions;
    for (auto at = projections.begin(); at != projections.end(); at += model_.components) {
      predictions.push_back({{.name = "projection",
                              .values = std::vector<float>(at, at + model_.components),
                              .list = true}});
    }
    return predictions;
  }

 private:
  PcaModel model_;
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  return std::make_unique<PcaScorer>(read_model(model));
}

}  // namespace millrace::pca
