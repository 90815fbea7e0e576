#include "trainer/algorithms/image_classification/tensors/scored_images.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/algorithms/image_classification/tensors/to_tensor.h"
#include "trainer/vision/image_loader.h"

namespace millrace::image_classification {
namespace {

void check_finite(std::span<const float> scores, const ImageSet& images, std::int64_t image) {
  const auto wrong = std::find_if(scores.begin(), scores.end(),
                                  [](const float score) { return !std::isfinite(score); });
  if (wrong == scores.end()) return;
  throw Error(
      Blame::Customer,
      Problem{.where = images.name(image),
              .given = "score " + number_text(static_cast<double>(*wrong)) + " for class " +
                       std::to_string(wrong - scores.begin()),
              .expected = "finite scores from the model",
              .fix = "Its training diverged: train it again with a smaller learning_rate."});
}

}  // namespace

void score_images(Network& network, const ImageSet& images, const LoaderOptions& options,
                  millrace::Progress& progress, const UseScores& use) {
  ImageLoader loader(images, options, /*cache_bytes=*/0);
  loader.start(0);
  while (std::optional<ImageBatch> batch = loader.next()) {
    const torch::Tensor scores =
        network.logits(image_tensor(*batch, options, network.device()), /*training=*/false)
            .to(torch::kCPU)
            .contiguous();
    const auto classes = static_cast<std::size_t>(scores.size(1));
    for (std::size_t at = 0; at < batch->numbers.size(); ++at) {
      const std::span<const float> of_image(scores.data_ptr<float>() + at * classes, classes);
      check_finite(of_image, images, batch->numbers[at]);
      use(*batch, at, of_image);
    }
    progress.advance(static_cast<std::uint64_t>(batch->count));
  }
}

}  // namespace millrace::image_classification
