#include "trainer/algorithms/image_classification/tensors/score.h"

#include <utility>
#include <vector>

#include "core/base/refuse.h"
#include "core/data/content_types.h"
#include "core/data/predictions.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/vision/image_stream.h"
#include "trainer/vision/transform.h"

namespace millrace::image_classification {
namespace {

class ImageScorer final : public Scorer {
 public:
  ImageScorer(const SavedModel& model, torch::Device device)
      : network_(model.graph, model.input.channels, model.arrays, model.file, device) {
    options_.channels = model.input.channels;
    options_.height = model.input.height;
    options_.width = model.input.width;
  }

  std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) override {
    if (parse_content_type(request.content_type, request.origin).format != DataFormat::Image) {
      refuse(request.origin + ", Content-Type", request.content_type,
             "image/jpeg, image/png or application/x-image", "Send one JPEG or PNG file.");
    }
    const ContentType wanted = accepted(request);
    const std::string bytes = read_all(body, ImageStream::kMaxImageBytes, request.origin);
    const Prediction prediction{{.name = "prediction",
                                 .values = probabilities(decode_image(bytes, request.origin)),
                                 .list = true}};
    std::string text;
    if (wanted.format == DataFormat::JsonLines) {
      append_prediction(text, prediction);
      text += '\n';
    } else {
      text = "[";
      append_prediction_numbers(text, prediction);
      text += "]";
    }
    out.write(text);
    return wanted.media_type;
  }

 private:
  static ContentType accepted(const ScoreRequest& request) {
    const bool any = request.accept.empty() || request.accept == "*/*";
    ContentType wanted =
        parse_content_type(any ? "application/json" : request.accept, request.origin);
    if (wanted.format != DataFormat::JsonDocument && wanted.format != DataFormat::JsonLines) {
      refuse(request.origin + ", Accept", request.accept,
             "application/json or application/jsonlines", {});
    }
    return wanted;
  }

  std::vector<float> probabilities(const Image& image) {
    ImageBatch batch;
    batch.count = 1;
    batch.pixels.resize(
        static_cast<std::size_t>(options_.height * options_.width * options_.channels));
    write_pixels(resized(image, options_.width, options_.height),
                 {.width = options_.width, .height = options_.height}, options_.channels,
                 batch.pixels.data());
    const torch::Tensor scores =
        network_.logits(image_tensor(batch, options_, network_.device()), /*training=*/false);
    const torch::Tensor shares =
        (is_multi_label(network_.graph()) ? scores.sigmoid() : scores.softmax(1))
            .to(torch::kCPU)
            .contiguous();
    const auto* first = shares.data_ptr<float>();
    return {first, first + shares.size(1)};
  }

  Network network_;
  LoaderOptions options_;
};

}  // namespace

std::unique_ptr<Scorer> load(const std::filesystem::path& model) {
  return std::make_unique<ImageScorer>(read_model(model), fastest_device());
}

}  // namespace millrace::image_classification
