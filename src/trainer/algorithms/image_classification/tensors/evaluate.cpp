#include <torch/types.h>

#include <algorithm>
#include <optional>

#include "core/io/progress.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/evaluation.h"
#include "trainer/algorithms/image_classification/evaluation_data.h"
#include "trainer/algorithms/image_classification/evaluation_output.h"
#include "trainer/algorithms/image_classification/tensors/evaluate_labels.h"
#include "trainer/algorithms/image_classification/tensors/evaluation_loader.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/vision/image_loader.h"

namespace millrace::image_classification {
namespace {

Evaluation answers_of(Network& network, const ImageSet& images, const LoaderOptions& options) {
  Evaluation evaluation(class_count(network.graph()));
  ImageLoader loader(images, options, /*cache_bytes=*/0);
  millrace::Progress progress("images", static_cast<std::uint64_t>(images.count()));
  loader.start(0);
  while (std::optional<ImageBatch> batch = loader.next()) {
    const torch::Tensor scores =
        network.logits(image_tensor(*batch, options, network.device()), /*training=*/false)
            .to(torch::kCPU)
            .contiguous();
    const auto width = static_cast<std::size_t>(scores.size(1));
    for (std::int64_t i = 0; i < batch->count; ++i) {
      evaluation.add(answer_of(evaluation.total(), batch->labels[static_cast<std::size_t>(i)],
                               {scores.data_ptr<float>() + i * scores.size(1), width}));
    }
    progress.advance(static_cast<std::uint64_t>(batch->count));
  }
  return evaluation;
}

}  // namespace

Json evaluate(const EvaluateRequest& request) {
  const SavedModel model = read_model(request.model);
  if (is_multi_label(model.graph)) return evaluate_labels(request, model);
  Network network(model.graph, model.input.channels, model.arrays, model.file, fastest_device());
  const std::int64_t classes = class_count(model.graph);
  const EvaluationData data = open_evaluation_data(request, classes, Labels::One);
  const Evaluation evaluation =
      answers_of(network, *data.images, evaluation_loader(request, model.input));
  const MeasuredModel measured{.evaluation = evaluation,
                               .images = *data.images,
                               .class_names = data.class_names,
                               .model = request.model.filename().string() + ", " + model.file,
                               .data = request.data.filename().string(),
                               .top_k = std::min(request.top_k, classes),
                               .mistakes = request.mistakes};
  if (request.output) write_evaluation(*request.output, measured);
  return evaluation_json(measured);
}

}  // namespace millrace::image_classification
