#include "trainer/algorithms/linear_learner/scoring.h"

#include <utility>

#include "trainer/algorithms/linear_learner/linear_model.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::linear_learner {
namespace {

class LinearScorer final : public TabularScorer {
 public:
  explicit LinearScorer(LinearModel model) : model_(std::move(model)) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return model_.features; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool /*verbose*/) const override {
    std::vector<float> scores = model_.raw_scores(rows);
    answer_scores(model_.loss, model_.outputs, scores);
    const bool multiclass = model_.predictor == Predictor::Multiclass;
    const auto wide = static_cast<std::size_t>(model_.outputs);
    std::vector<Prediction> predictions;
    for (std::size_t at = 0; at < scores.size(); at += wide) {
      const std::span<const float> row(scores.data() + at, wide);
      Prediction prediction{
          {.name = "score", .values = {row.begin(), row.end()}, .list = multiclass}};
      if (model_.predictor != Predictor::Regressor) {
        const float label = multiclass ? static_cast<float>(predicted_class(row))
                            : static_cast<double>(row[0]) > model_.threshold ? 1.0F
                                                                             : 0.0F;
        prediction.push_back({.name = "predicted_label", .values = {label}, .whole = true});
      }
      predictions.push_back(std::move(prediction));
    }
    return predictions;
  }

 private:
  LinearModel model_;
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  return std::make_unique<LinearScorer>(read_model(model));
}

}  // namespace millrace::linear_learner
