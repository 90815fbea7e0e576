#include "trainer/algorithms/sample_jobs.h"

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
void write_two_clouds(const std::filesystem::path& folder) {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    rows += std::to_string(i % 2) + "," + std::to_string(i % 2 * 4 - i % 3) + "," +
            std::to_string(i % 7) + "\n";
  }
  for (const char* channel : {"train", "validation", "test"}) {
    std::filesystem::create_directories(folder / channel);
    write_file_durably(folder / channel / "rows.csv", rows);
  }
}

/// Twenty documents of six words: those of even number speak of the first three, the others of the
/// rest.
void write_two_subjects(const std::filesystem::path& folder) {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    for (int word = 0; word < 6; ++word) {
      const bool speaks = (word < 3) == (i % 2 == 0);
      rows += std::to_string(speaks ? 1 + (i + word) % 4 : 0) + (word < 5 ? "," : "\n");
    }
  }
  for (const char* channel : {"train", "validation", "test"}) {
    std::filesystem::create_directories(folder / channel);
    write_file_durably(folder / channel / "counts.csv", rows);
  }
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
            R"({"instances":[{"features":[0.5,1]},{"data":{"features":{"values":[-2,0.25]}}}]})"}},
      {"ntm",
       {.algorithm = "ntm",
        .hyperparameters =
            {{"feature_dim", "6"}, {"num_topics", "2"}, {"mini_batch_size", "5"}, {"epochs", "2"}},
        .write_channels = &write_two_subjects,
        .content_type = "text/csv",
        .csv_request = "1,0,2,0,0,0\n0,0,0,1,1,3\n",
        .json_request =
            R"({"instances":[{"features":[1,0,2,0,0,0]},)"
            R"({"data":{"features":{"keys":[3,4,5],"shape":[6],"values":[1,1,3]}}}]})"}}};
  return jobs;
}

}  // namespace millrace
