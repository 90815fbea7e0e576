#include "trainer/algorithms/image_classification/evaluation_output.h"

#include <cmath>

#include "core/base/text.h"
#include "core/io/file.h"
#include "trainer/algorithms/image_classification/broken_report.h"
#include "trainer/algorithms/image_classification/evaluation_report.h"

namespace millrace::image_classification {
namespace {

/// A field as RFC 4180 has it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string matrix_csv(const MeasuredModel& measured) {
  const std::int64_t classes = measured.evaluation.classes();
  std::string text = "label";
  for (std::int64_t c = 0; c < classes; ++c) text += "," + csv_field(measured.name(c));
  text += '\n';
  for (std::int64_t label = 0; label < classes; ++label) {
    text += csv_field(measured.name(label));
    for (std::int64_t c = 0; c < classes; ++c)
      text += "," + std::to_string(measured.evaluation.count(label, c));
    text += '\n';
  }
  return text;
}

std::string pairs_csv(const MeasuredModel& measured) {
  std::string text = "label,predicted,images\n";
  for (const auto& [pair, images] : measured.evaluation.counts()) {
    text += csv_field(measured.name(pair.first)) + "," + csv_field(measured.name(pair.second)) +
            "," + std::to_string(images) + "\n";
  }
  return text;
}

std::string predictions_csv(const MeasuredModel& measured) {
  std::string text =
      "image,label,predicted,probability,label_probability,label_name,predicted_name\n";
  for (const Answer& answer : measured.evaluation.answers()) {
    text += csv_field(measured.images.reference(answer.image)) + "," +
            std::to_string(answer.label) + "," + std::to_string(answer.predicted) + "," +
            number_text(answer.confidence) + "," + number_text(std::exp(-answer.loss)) + "," +
            csv_field(measured.name(answer.label)) + "," +
            csv_field(measured.name(answer.predicted)) + "\n";
  }
  return text;
}

}  // namespace

Json evaluation_json(const MeasuredModel& measured) {
  Json json = measured.evaluation.to_json(measured.class_names, measured.top_k);
  json["model"] = measured.model;
  json["data"] = measured.data;
  add_broken_images(json, measured.broken, measured.images);
  json["mistakes"] = Json::array();
  for (const Answer& mistake : measured.evaluation.worst(measured.mistakes)) {
    json["mistakes"].push_back({{"image", measured.images.reference(mistake.image)},
                                {"label", measured.name(mistake.label)},
                                {"predicted", measured.name(mistake.predicted)},
                                {"probability", mistake.confidence},
                                {"label_probability", std::exp(-mistake.loss)},
                                {"loss", mistake.loss}});
  }
  return json;
}

void write_evaluation(const std::filesystem::path& folder, const MeasuredModel& measured,
                      const Json& figures) {
  const bool small = measured.evaluation.classes() <= Evaluation::kMaxMatrixClasses;
  write_file_durably(folder / "evaluation.json", to_text(figures) + "\n");
  write_file_durably(folder / "confusion.csv", small ? matrix_csv(measured) : pairs_csv(measured));
  write_file_durably(folder / "predictions.csv", predictions_csv(measured));
  const Report report = make_report(measured, figures);
  write_file_durably(folder / "mistakes.png", encode_png(report.mistakes));
  write_file_durably(folder / "report.html", report.html);
}

}  // namespace millrace::image_classification
