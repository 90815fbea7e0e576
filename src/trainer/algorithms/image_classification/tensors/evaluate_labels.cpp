#include "trainer/algorithms/image_classification/tensors/evaluate_labels.h"

#include <torch/types.h>

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "trainer/algorithms/image_classification/label_evaluation.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/vision/image_loader.h"
#include "trainer/vision/image_records.h"

namespace millrace::image_classification {
namespace {

/// Images per forward pass; accuracy does not depend on it.
constexpr std::int64_t kBatch = 128;

}  // namespace

Json evaluate_labels(const EvaluateRequest& request, const SavedModel& model) {
  if (request.report_png) {
    throw Error(
        Blame::Customer,
        Problem{.where = "--report",
                .given = "a multi-label model",
                .expected = "a model of one label per image: the page is a confusion matrix",
                .fix = "Leave it out; --json has the figures of each class."});
  }
  const torch::Device device = fastest_device();
  Network network(model.graph, model.input.channels, model.arrays, model.file, device);
  LoaderOptions options;
  options.target_classes = class_count(model.graph);
  options.channels = model.input.channels;
  options.height = model.input.height;
  options.width = model.input.width;
  options.resize = request.resize;
  options.batch = kBatch;
  options.whole_batches = false;
  options.threads = std::max(1, available_cpus() - 1);
  const ImageRecords records({{.path = request.data, .name = request.data.filename().string()}},
                             options.target_classes);
  ImageLoader loader(records, options, /*cache_bytes=*/0);

  LabelEvaluation evaluation(options.target_classes);
  const auto classes = static_cast<std::size_t>(options.target_classes);
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
  }
  Json json = evaluation.to_json(request.class_names);
  json["model"] = model.file;
  return json;
}

}  // namespace millrace::image_classification
