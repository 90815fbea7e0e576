#include "trainer/algorithms/image_classification/tensors/score.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/turns.h"
#include "core/contract/cpu_environment.h"
#include "core/data/negotiation.h"
#include "core/data/predictions.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/tensors/network.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/job/combined_calls.h"
#include "trainer/vision/image_stream.h"
#include "trainer/vision/transform.h"

namespace millrace::image_classification {
namespace {

constexpr std::array kRequests{DataFormat::Image};
constexpr std::array kAnswers{DataFormat::JsonDocument, DataFormat::JsonLines};

/// Images that are computed together on a GPU, which one alone leaves mostly idle.
constexpr std::size_t kMaxTogetherOnGpu = 32;
/// On a CPU each image is computed on all cores, and a network's plan is for one size of batch.
/// bench/serving.py tells what a batch would save.
constexpr std::size_t kMaxTogetherOnCpu = 1;

/// One request's image, and what is said of it.
struct Picture {
  std::vector<float> pixels;         ///< [height, width, channels], as the network takes them
  std::vector<float> probabilities;  ///< of each class
};

class ImageScorer final : public Scorer {
 public:
  ImageScorer(const SavedModel& model, torch::Device device)
      : network_(model.graph, model.input.channels, model.arrays, model.file, device) {
    options_.channels = model.input.channels;
    options_.height = model.input.height;
    options_.width = model.input.width;
  }

  std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) override {
    std::optional<CombinedCalls<Picture>::Visit> visit;
    if (together_) visit.emplace(*together_);
    require_content_type(request.content_type, kRequests, request.origin + ", Content-Type");
    const ContentType wanted =
        choose_accepted(request.accept, kAnswers, request.origin + ", Accept");
    const std::string bytes = read_all(body, ImageStream::kMaxImageBytes, request.origin);
    Picture picture{.pixels = pixels_of(bytes, request.origin), .probabilities = {}};
    if (visit) {
      visit->call(picture, 1);
    } else {
      classify(std::array{&picture});
    }
    out.write(text_of(picture.probabilities, wanted.format));
    return wanted.media_type;
  }

  void serve(const Serving& serving) override {
    together_ = std::make_unique<CombinedCalls<Picture>>(
        [this](std::span<Picture* const> pictures) { classify(pictures); }, serving.batch_delay,
        network_.device().is_cpu() ? kMaxTogetherOnCpu : kMaxTogetherOnGpu);
    // The first pass of a network chooses its kernels and orders its weights for them.
    Picture black{.pixels = std::vector<float>(values()), .probabilities = {}};
    together_->announce().call(black, 1);
  }

  [[nodiscard]] bool takes_many() const override { return false; }

 private:
  static std::string text_of(const std::vector<float>& probabilities, DataFormat format) {
    const Prediction prediction{{.name = "prediction", .values = probabilities, .list = true}};
    std::string text;
    if (format == DataFormat::JsonLines) {
      append_prediction(text, prediction);
      text += '\n';
    } else {
      text = "[";
      append_prediction_numbers(text, prediction);
      text += "]";
    }
    return text;
  }

  /// Of one image.
  [[nodiscard]] std::size_t values() const {
    return static_cast<std::size_t>(options_.height * options_.width * options_.channels);
  }

  std::vector<float> pixels_of(std::string_view bytes, std::string_view origin) {
    std::vector<float> pixels(values());
    const Turns::Turn turn(decoding_);
    write_pixels(resized(decode_image(bytes, origin), options_.width, options_.height),
                 {.width = options_.width, .height = options_.height}, options_.channels,
                 pixels.data());
    return pixels;
  }

  void classify(std::span<Picture* const> pictures) {
    ImageBatch batch;
    batch.count = static_cast<std::int64_t>(pictures.size());
    for (const Picture* picture : pictures)
      batch.pixels.insert(batch.pixels.end(), picture->pixels.begin(), picture->pixels.end());
    const torch::Tensor scores =
        network_.logits(image_tensor(batch, options_, network_.device()), /*training=*/false);
    const torch::Tensor shares =
        (is_multi_label(network_.graph()) ? scores.sigmoid() : scores.softmax(1))
            .to(torch::kCPU)
            .contiguous();
    const auto* row = shares.data_ptr<float>();
    for (Picture* picture : pictures) {
      picture->probabilities.assign(row, row + shares.size(1));
      row += shares.size(1);
    }
  }

  Network network_;
  LoaderOptions options_;
  /// Decoding keeps a core busy, and the largest picture takes half a gigabyte.
  Turns decoding_{available_cpus()};
  std::unique_ptr<CombinedCalls<Picture>> together_;  ///< of a server
};

}  // namespace

std::unique_ptr<Scorer> load(const std::filesystem::path& model) {
  return std::make_unique<ImageScorer>(read_model(model), fastest_device());
}

}  // namespace millrace::image_classification
