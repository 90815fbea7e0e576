#include "trainer/algorithms/linear_learner/tensors/measure.h"

#include <vector>

#include "trainer/algorithms/linear_learner/evaluation.h"
#include "trainer/algorithms/linear_learner/labels.h"

namespace millrace::linear_learner {

void measure(const LinearModel& model, const Hyperparameters& h, TabularChannel& channel,
             Cluster& cluster, MetricLog& metrics, const std::stop_token& stop) {
  Evaluation evaluation(model, h);
  const auto pass = channel.open();
  bool any = false;
  while (const TabularBatch* batch = pass->next()) {
    check_labels(h, channel, *batch);
    any = true;
    if (batch->rows() > 0) evaluation.add(*batch);
  }
  if (!any && !stop.stop_requested()) channel.refuse_empty();
  cluster.sum(evaluation.sums());
  if (stop.stop_requested()) return;
  const std::vector<ModelFigure> figures = evaluation.figures();
  for (const ModelFigure& figure : figures)
    metrics.score(channel.name(), figure.name, figure.value);
  for (const ModelFigure& figure : figures)
    metrics.quality(channel.name(), figure.name, figure.kind, figure.value);
}

}  // namespace millrace::linear_learner
