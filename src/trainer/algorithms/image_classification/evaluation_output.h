#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "trainer/algorithms/image_classification/evaluation.h"
#include "trainer/vision/broken_images.h"
#include "trainer/vision/image_set.h"

namespace millrace::image_classification {

/// An evaluation with what it takes to show it. References must outlive it.
struct MeasuredModel {
  const Evaluation& evaluation;
  const ImageSet& images;
  const BrokenImages& broken;                   ///< that were left out
  const std::vector<std::string>& class_names;  ///< may be empty
  std::string model;  ///< "model.tar.gz, image-classification-0003.params"
  std::string data;   ///< "test.rec"
  std::int64_t top_k = 5;
  std::size_t mistakes = 40;  ///< that are shown, at most

  [[nodiscard]] std::string name(std::int64_t c) const { return class_name(class_names, c); }
};

/// Evaluation::to_json() with "model", "data", what was left out (broken_report.h) and the worst
/// mistakes: "mistakes": [{"image", "label", "predicted", "probability", "label_probability",
/// "loss"}].
Json evaluation_json(const MeasuredModel& measured);

/// Writes into a folder, which must be there, `figures` being evaluation_json():
///
///   evaluation.json   the figures
///   confusion.csv     a header of predicted classes, then a line for each label; above
///                     Evaluation::kMaxMatrixClasses label,predicted,images of each pair there is
///   predictions.csv   image,label,predicted,probability,label_probability,label_name,
///                     predicted_name; one line per image that is not broken, in the order of
///                     the data
///   mistakes.png      a contact sheet of the worst mistakes
///   report.html       all of it as a page
void write_evaluation(const std::filesystem::path& folder, const MeasuredModel& measured,
                      const Json& figures);

}  // namespace millrace::image_classification
