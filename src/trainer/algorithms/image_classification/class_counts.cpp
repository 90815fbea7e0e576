#include "trainer/algorithms/image_classification/class_counts.h"

namespace millrace::image_classification {
namespace {

/// More names than these are not read.
constexpr std::size_t kMaxNamed = 10;

ClassCounts none_yet(std::int64_t classes) {
  return {.images = 0, .present = std::vector<std::int64_t>(static_cast<std::size_t>(classes))};
}

float weight(std::int64_t images, std::int64_t side) {
  return side == 0
             ? 0
             : static_cast<float>(static_cast<double>(images) / (2 * static_cast<double>(side)));
}

}  // namespace

ClassCounts count_classes(const ImageSet& images, std::int64_t classes) {
  ClassCounts counts = none_yet(classes);
  counts.images = images.count();
  for (std::int64_t i = 0; i < images.count(); ++i) {
    for (const float c : images.labels(i)) ++counts.present[static_cast<std::size_t>(c)];
  }
  return counts;
}

std::optional<ClassCounts> count_classes(ImageBatches& pass, std::int64_t classes,
                                         const std::stop_token& stop) {
  ClassCounts counts = none_yet(classes);
  pass.start(0);
  while (const std::optional<ImageBatch> batch = pass.next()) {
    if (stop.stop_requested()) return std::nullopt;
    counts.images += batch->count;
    for (std::size_t i = 0; i < batch->targets.size(); ++i)
      counts.present[i % counts.present.size()] += batch->targets[i] > 0;
  }
  if (!pass.images()) return std::nullopt;
  return counts;
}

std::string one_sided_classes(const ClassCounts& counts) {
  std::string names;
  std::size_t found = 0;
  for (std::size_t c = 0; c < counts.present.size(); ++c) {
    if (counts.present[c] != 0 && counts.present[c] != counts.images) continue;
    if (found++ < kMaxNamed) names += (names.empty() ? "" : ", ") + std::to_string(c);
  }
  if (found == 0) return {};
  if (found > kMaxNamed) names += " and " + std::to_string(found - kMaxNamed) + " more";
  return (found == 1 ? "class " : "classes ") + names;
}

ClassWeights class_weights(const ClassCounts& counts) {
  ClassWeights weights;
  for (const std::int64_t present : counts.present) {
    weights.present.push_back(weight(counts.images, present));
    weights.absent.push_back(weight(counts.images, counts.images - present));
  }
  return weights;
}

}  // namespace millrace::image_classification
