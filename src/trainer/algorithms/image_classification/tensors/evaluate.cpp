#include <torch/types.h>

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/evaluation.h"
#include "trainer/algorithms/image_classification/label_evaluation.h"
#include "trainer/algorithms/image_classification/report.h"
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

/// The images to measure on, and what the model says of them.
class Answers {
 public:
  explicit Answers(const EvaluateRequest& request)
      : model_(read_model(request.model)),
        device_(fastest_device()),
        network_(model_.graph, model_.input.channels, model_.arrays, model_.file, device_),
        records_({{.path = request.data, .name = request.data.filename().string()}},
                 is_multi_label(model_.graph) ? classes() : 0) {
    if (!is_multi_label(model_.graph)) check_labels(records_, classes());
    options_.channels = model_.input.channels;
    options_.height = model_.input.height;
    options_.width = model_.input.width;
    options_.resize = request.resize;
    options_.batch = kBatch;
    options_.whole_batches = false;
    options_.target_classes = is_multi_label(model_.graph) ? classes() : 0;
    options_.threads = std::max(1, available_cpus() - 1);
  }

  [[nodiscard]] const SavedModel& model() const { return model_; }
  [[nodiscard]] std::int64_t classes() const { return class_count(model_.graph); }
  [[nodiscard]] const ImageRecords& records() const { return records_; }

  /// Calls use(batch, scores before softmax or sigmoid) for all images in their order.
  template <class Use>
  void each_batch(Use use) {
    ImageLoader loader(records_, options_, /*cache_bytes=*/0);
    loader.start(0);
    while (std::optional<ImageBatch> batch = loader.next())
      use(*batch, network_.logits(image_tensor(*batch, options_, device_), /*training=*/false));
  }

 private:
  SavedModel model_;
  torch::Device device_;
  Network network_;
  ImageRecords records_;
  LoaderOptions options_;
};

Json evaluate_labels(const EvaluateRequest& request, Answers& answers) {
  if (request.report_png) {
    throw Error(
        Blame::Customer,
        Problem{.where = "--report",
                .given = "a multi-label model",
                .expected = "a model of one label per image: the page is a confusion matrix",
                .fix = "Leave it out; --json has the figures of each class."});
  }
  LabelEvaluation evaluation(answers.classes());
  const auto classes = static_cast<std::size_t>(answers.classes());
  answers.each_batch([&](const ImageBatch& batch, const torch::Tensor& logits) {
    const torch::Tensor scores = logits.to(torch::kCPU).contiguous();
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count); ++i) {
      evaluation.add({batch.targets.data() + i * classes, classes},
                     {scores.data_ptr<float>() + i * classes, classes});
    }
  });
  return evaluation.to_json(request.class_names);
}

Json evaluate_classes(const EvaluateRequest& request, Answers& answers) {
  Evaluation evaluation(answers.classes());
  std::int64_t record = 0;
  answers.each_batch([&](const ImageBatch& batch, const torch::Tensor& scores) {
    const auto [confidence, predicted] = scores.softmax(1).to(torch::kCPU).max(1);
    for (std::int64_t i = 0; i < batch.count; ++i, ++record) {
      evaluation.add({.record = record,
                      .label = batch.labels[static_cast<std::size_t>(i)],
                      .predicted = predicted.data_ptr<std::int64_t>()[i],
                      .confidence = static_cast<double>(confidence.data_ptr<float>()[i])});
    }
  });
  if (request.report_png) {
    write_file_durably(*request.report_png,
                       encode_png(draw_report(evaluation, answers.records(), request.class_names)));
  }
  return evaluation.to_json(request.class_names);
}

}  // namespace

Json evaluate(const EvaluateRequest& request) {
  Answers answers(request);
  Json json = is_multi_label(answers.model().graph) ? evaluate_labels(request, answers)
                                                    : evaluate_classes(request, answers);
  json["model"] = answers.model().file;
  return json;
}

}  // namespace millrace::image_classification
