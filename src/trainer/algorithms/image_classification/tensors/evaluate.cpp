#include <torch/types.h>

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/evaluation.h"
#include "trainer/algorithms/image_classification/report.h"
#include "trainer/algorithms/image_classification/tensors/evaluate_labels.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/tensor_algorithm.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/vision/class_label.h"
#include "trainer/vision/image_loader.h"
#include "trainer/vision/image_records.h"

namespace millrace::image_classification {
namespace {

/// Images per forward pass; accuracy does not depend on it.
constexpr std::int64_t kBatch = 128;

}  // namespace

Json evaluate(const EvaluateRequest& request) {
  const SavedModel model = read_model(request.model);
  if (is_multi_label(model.graph)) return evaluate_labels(request, model);
  const torch::Device device = fastest_device();
  Network network(model.graph, model.input.channels, model.arrays, model.file, device);
  const std::int64_t classes = class_count(model.graph);

  const ImageRecords records({{.path = request.data, .name = request.data.filename().string()}});
  check_labels(records, classes);
  LoaderOptions options;
  options.channels = model.input.channels;
  options.height = model.input.height;
  options.width = model.input.width;
  options.resize = request.resize;
  options.batch = kBatch;
  options.whole_batches = false;
  options.threads = std::max(1, available_cpus() - 1);
  ImageLoader loader(records, options, /*cache_bytes=*/0);

  Evaluation evaluation(classes);
  std::int64_t record = 0;
  loader.start(0);
  while (std::optional<ImageBatch> batch = loader.next()) {
    const torch::Tensor scores =
        network.logits(image_tensor(*batch, options, device), /*training=*/false);
    const auto [confidence, predicted] = scores.softmax(1).to(torch::kCPU).max(1);
    for (std::int64_t i = 0; i < batch->count; ++i, ++record) {
      evaluation.add({.record = record,
                      .label = batch->labels[static_cast<std::size_t>(i)],
                      .predicted = predicted.data_ptr<std::int64_t>()[i],
                      .confidence = static_cast<double>(confidence.data_ptr<float>()[i])});
    }
  }
  if (request.report_png) {
    write_file_durably(*request.report_png,
                       encode_png(draw_report(evaluation, records, request.class_names)));
  }
  Json json = evaluation.to_json(request.class_names);
  json["model"] = model.file;
  return json;
}

}  // namespace millrace::image_classification
