#pragma once

#include <algorithm>
#include <string>

#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "core/io/progress.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/hyperparameters.h"
#include "trainer/job/algorithm.h"
#include "trainer/vision/broken_images.h"
#include "trainer/vision/image_batches.h"

namespace millrace::image_classification {

/// Every image once, prepared as validation images are. Batches are as large as pays: what comes
/// out does not depend on it. `target_classes` as LoaderOptions has it.
inline LoaderOptions evaluation_loader(const EvaluateRequest& request, const ImageShape& input,
                                       std::int64_t target_classes = 0) {
  constexpr std::int64_t kBatch = 128;
  constexpr std::int64_t kBatchPixels = std::int64_t{32} * 224 * 224;
  LoaderOptions options;
  options.channels = input.channels;
  options.height = input.height;
  options.width = input.width;
  options.resize = request.resize;
  options.batch = std::clamp<std::int64_t>(kBatchPixels / (input.height * input.width), 1, kBatch);
  options.whole_batches = false;
  options.target_classes = target_classes;
  options.threads = std::max(1, available_cpus() - 1);
  return options;
}

/// "model.tar.gz, image-classification-0003.params".
inline std::string name_of_model(const EvaluateRequest& request, const SavedModel& model) {
  return request.model.filename().string() + ", " + model.file;
}

inline constexpr std::size_t kMaxWarningBytes = 1000;

/// Broken images are left out as in training, up to the same share unless the request says
/// another, and named above the bar. `place` is the data; `progress` must outlive the result.
inline BrokenImages evaluation_broken_images(const EvaluateRequest& request, std::string place,
                                             millrace::Progress& progress) {
  return {
      {.place = std::move(place),
       .share = request.max_broken_images.value_or(Hyperparameters{}.max_broken_images),
       .allowed_by = "--max-broken-images"},
      [&progress](const std::string& line) { progress.say(printable(line, kMaxWarningBytes)); }};
}

}  // namespace millrace::image_classification
