#include "trainer/algorithms/image_classification/tensors/evaluate_labels.h"

#include <torch/types.h>

#include <optional>

#include "core/io/progress.h"
#include "trainer/algorithms/image_classification/evaluation_data.h"
#include "trainer/algorithms/image_classification/label_evaluation.h"
#include "trainer/algorithms/image_classification/label_report.h"
#include "trainer/algorithms/image_classification/tensors/evaluation_loader.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/vision/image_loader.h"

namespace millrace::image_classification {

Json evaluate_labels(const EvaluateRequest& request, const SavedModel& model) {
  const torch::Device device = fastest_device();
  Network network(model.graph, model.input.channels, model.arrays, model.file, device);
  const LoaderOptions options = evaluation_loader(request, model.input, class_count(model.graph));
  const EvaluationData data =
      open_evaluation_data(request, options.target_classes, Labels::Several);
  ImageLoader loader(*data.images, options, /*cache_bytes=*/0);

  LabelEvaluation evaluation(options.target_classes);
  const auto classes = static_cast<std::size_t>(options.target_classes);
  millrace::Progress progress("images", static_cast<std::uint64_t>(data.images->count()));
  loader.start(0);
  while (std::optional<ImageBatch> batch = loader.next()) {
    const torch::Tensor scores =
        network.logits(image_tensor(*batch, options, device), /*training=*/false)
            .to(torch::kCPU)
            .contiguous();
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch->count); ++i) {
      evaluation.add({batch->targets.data() + i * classes, classes},
                     {scores.data_ptr<float>() + i * classes, classes});
    }
    progress.advance(static_cast<std::uint64_t>(batch->count));
  }
  Json json = evaluation.to_json(data.class_names);
  json["model"] = model.file;
  json["data"] = request.data.filename().string();
  if (request.output) write_label_evaluation(*request.output, json);
  return json;
}

}  // namespace millrace::image_classification
