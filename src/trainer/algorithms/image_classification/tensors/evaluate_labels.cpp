#include "trainer/algorithms/image_classification/tensors/evaluate_labels.h"

#include "core/io/progress.h"
#include "trainer/algorithms/image_classification/broken_report.h"
#include "trainer/algorithms/image_classification/evaluation_data.h"
#include "trainer/algorithms/image_classification/label_evaluation.h"
#include "trainer/algorithms/image_classification/label_report.h"
#include "trainer/algorithms/image_classification/tensors/evaluation_loader.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/scored_images.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"

namespace millrace::image_classification {

Json evaluate_labels(const EvaluateRequest& request, const SavedModel& model) {
  Network network(model.graph, model.input.channels, model.arrays, model.file, fastest_device());
  const std::int64_t classes = class_count(model.graph);
  const EvaluationData data = open_evaluation_data(request, classes, Labels::Several);
  millrace::Progress progress("images", static_cast<std::uint64_t>(data.images->count()));
  BrokenImages broken = evaluation_broken_images(request, data.place, progress);
  LoaderOptions options = evaluation_loader(request, model.input, classes);
  options.broken = &broken;

  LabelEvaluation evaluation(classes);
  score_images(network, *data.images, options, progress,
               [&](const ImageBatch& batch, std::size_t at, std::span<const float> scores) {
                 evaluation.add(std::span(batch.targets).subspan(at * scores.size(), scores.size()),
                                scores);
               });
  Json json = evaluation.to_json(data.class_names);
  add_broken_images(json, broken, *data.images);
  json["model"] = name_of_model(request, model);
  json["data"] = request.data.filename().string();
  if (request.output) write_label_evaluation(*request.output, json);
  return json;
}

}  // namespace millrace::image_classification
