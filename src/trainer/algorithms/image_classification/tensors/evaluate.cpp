#include <algorithm>

#include "core/io/progress.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/evaluation.h"
#include "trainer/algorithms/image_classification/evaluation_data.h"
#include "trainer/algorithms/image_classification/evaluation_output.h"
#include "trainer/algorithms/image_classification/tensors/evaluate_labels.h"
#include "trainer/algorithms/image_classification/tensors/evaluation_loader.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/scored_images.h"
#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"

namespace millrace::image_classification {

Json evaluate(const EvaluateRequest& request) {
  const SavedModel model = read_model(request.model);
  if (is_multi_label(model.graph)) return evaluate_labels(request, model);
  Network network(model.graph, model.input.channels, model.arrays, model.file, fastest_device());
  const std::int64_t classes = class_count(model.graph);
  const EvaluationData data = open_evaluation_data(request, classes, Labels::One);
  millrace::Progress progress("images", static_cast<std::uint64_t>(data.images->count()));
  BrokenImages broken = evaluation_broken_images(request, data.place, progress);
  LoaderOptions options = evaluation_loader(request, model.input);
  options.broken = &broken;

  Evaluation evaluation(classes);
  score_images(network, *data.images, options, progress,
               [&](const ImageBatch& batch, std::size_t at, std::span<const float> scores) {
                 evaluation.add(answer_of(batch.numbers[at], batch.labels[at], scores));
               });
  const MeasuredModel measured{.evaluation = evaluation,
                               .images = *data.images,
                               .broken = broken,
                               .class_names = data.class_names,
                               .model = name_of_model(request, model),
                               .data = request.data.filename().string(),
                               .top_k = std::min(request.top_k, classes),
                               .mistakes = request.mistakes};
  Json figures = evaluation_json(measured);
  if (request.output) write_evaluation(*request.output, measured, figures);
  return figures;
}

}  // namespace millrace::image_classification
