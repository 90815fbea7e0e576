#include "trainer/algorithms/ntm/scoring.h"

#include <utility>

#include "trainer/algorithms/ntm/topic_model.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::ntm {
namespace {

class TopicScorer final : public TabularScorer {
 public:
  explicit TopicScorer(TopicModel model) : model_(std::move(model)) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return model_.words; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool /*verbose*/) const override {
    const std::vector<float> weights = model_.topic_weights(rows);
    std::vector<Prediction> predictions;
    for (auto row = weights.begin(); row != weights.end(); row += model_.topics) {
      predictions.push_back(
          {{.name = "topic_weights", .values = {row, row + model_.topics}, .list = true}});
    }
    return predictions;
  }

 private:
  TopicModel model_;
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  return std::make_unique<TopicScorer>(read_model(model));
}

}  // namespace millrace::ntm
