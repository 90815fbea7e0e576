#include "trainer/algorithms/knn/tensors/scoring.h"

#include <ATen/Parallel.h>

#include <utility>

#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/knn/tensors/model.h"
#include "trainer/tabular/tabular_scorer.h"

namespace millrace::knn {
namespace {

class KnnScorer final : public TabularScorer {
 public:
  explicit KnnScorer(Model model) : model_(std::move(model)) {}

 protected:
  [[nodiscard]] std::int64_t columns() const override { return model_.features(); }
  // The rows of the index are read once for all of a batch.
  [[nodiscard]] bool computes_together() const override { return true; }

  [[nodiscard]] std::vector<Prediction> predict(const TabularBatch& rows,
                                                bool verbose) const override {
    std::vector<Prediction> predictions;
    model_.answer(rows, [&](const Answer& answer) {
      Prediction prediction{{.name = "predicted_label", .values = {answer.predicted}}};
      if (verbose) {
        prediction.push_back({.name = "distances",
                              .values = {answer.distances.begin(), answer.distances.end()},
                              .list = true});
        prediction.push_back({.name = "labels",
                              .values = {answer.labels.begin(), answer.labels.end()},
                              .list = true});
      }
      predictions.push_back(std::move(prediction));
    });
    return predictions;
  }

 private:
  /// Prepares itself for many queries once there have been some; answers do not depend on it.
  mutable Model model_;
};

}  // namespace

std::unique_ptr<Scorer> load_scorer(const std::filesystem::path& model) {
  at::set_num_threads(available_cpus());
  return std::make_unique<KnnScorer>(Model::read(model));
}

}  // namespace millrace::knn
