#include "trainer/algorithms/sample_jobs.h"

#include <initializer_list>

#include "codec/image.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"

namespace millrace {
namespace {

/// Eight grey images of 12 x 12: a bright upper half is class 1, a bright lower half class 0.
void write_halves(const std::filesystem::path& folder) {
  StringSink sink;
  RecordIoWriter writer(sink);
  for (int i = 0; i < 8; ++i) {
    Image image{
        .width = 12, .height = 12, .channels = 1, .pixels = std::vector<std::uint8_t>(144, 10)};
    const int label = i % 2;
    for (std::size_t at = 0; at < 72; ++at)
      image.pixels[at + (label == 1 ? 0 : 72)] = static_cast<std::uint8_t>(200 + i);
    const std::string png = encode_png(image);
    ImageRecord record;
    record.labels = {static_cast<float>(label)};
    record.id = static_cast<std::uint64_t>(i);
    record.image = png;
    writer.write(format_image_record(record));
  }
  for (const char* channel : {"train", "validation"}) {
    std::filesystem::create_directories(folder / channel);
    write_file_durably(folder / channel / "a.rec", sink.text());
  }
}

/// Twenty rows of two features with labels 0 and 1 in turn.
void write_clouds(const std::filesystem::path& folder,
                  std::initializer_list<const char*> channels) {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    rows += std::to_string(i % 2) + "," + std::to_string(i % 2 * 4 - i % 3) + "," +
            std::to_string(i % 7) + "\n";
  }
  for (const char* channel : channels) {
    std::filesystem::create_directories(folder / channel);
    write_file_durably(folder / channel / "rows.csv", rows);
  }
}

void write_two_clouds(const std::filesystem::path& folder) {
  write_clouds(folder, {"train", "validation", "test"});
}

void write_two_clouds_without_validation(const std::filesystem::path& folder) {
  write_clouds(folder, {"train", "test"});
}

}  // namespace

const std::map<std::string, SampleJob, std::less<>>& sample_jobs() {
  static const std::map<std::string, SampleJob, std::less<>> jobs{
      {"image-classification",
       {.algorithm = "image-classification",
        .hyperparameters = {{"num_layers", "20"},
                            {"image_shape", "3,12,12"},
                            {"num_classes", "2"},
                            {"num_training_samples", "8"},
                            {"mini_batch_size", "4"},
                            {"epochs", "2"},
                            {"learning_rate", "0.01"}},
        .write_channels = &write_halves,
        .test_data = "validation/a.rec",
        .needs_png = true}},
      {"knn",
       {.algorithm = "knn",
        // Fewer rows than there are, so that the seed decides.
        .hyperparameters = {{"predictor_type", "classifier"}, {"k", "3"}, {"sample_size", "12"}},
        .write_channels = &write_two_clouds_without_validation,
        .content_type = "text/csv",
        .csv_request = "0.5,1\n-2,0.25\n",
        .json_request =
            R"({"instances":[{"features":[0.5,1]},{"data":{"features":{"values":[-2,0.25]}}}]})"}},
      {"linear-learner",
       {.algorithm = "linear-learner",
        .hyperparameters = {{"predictor_type", "binary_classifier"},
                            {"mini_batch_size", "5"},
                            {"num_models", "2"},
                            {"epochs", "2"}},
        .write_channels = &write_two_clouds,
        .content_type = "text/csv",
        .csv_request = "0.5,1\n-2,0.25\n",
        .json_request =
            R"({"instances":[{"features":[0.5,1]},{"data":{"features":{"values":[-2,0.25]}}}]})"}}};
  return jobs;
}

}  // namespace millrace
