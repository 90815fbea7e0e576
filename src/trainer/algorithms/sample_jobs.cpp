#include "trainer/algorithms/sample_jobs.h"

#include <initializer_list>

#include "codec/image.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"
#include "core/io/file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

/// The same file in each of the channels.
void write_channels(const fs::path& folder, std::initializer_list<const char*> channels,
                    const std::string& file, const std::string& bytes) {
  for (const char* channel : channels) {
    fs::create_directories(folder / channel);
    write_file_durably(folder / channel / file, bytes);
  }
}

/// Eight grey images of 12 x 12: a bright upper half is class 1, a bright lower half class 0.
void write_halves(const fs::path& folder) {
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
  write_channels(folder, {"train", "validation"}, "a.rec", sink.text());
}

/// Twenty rows of two features with labels 0 and 1 in turn.
std::string two_clouds() {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    rows += std::to_string(i % 2) + "," + std::to_string(i % 2 * 4 - i % 3) + "," +
            std::to_string(i % 7) + "\n";
  }
  return rows;
}

void write_two_clouds(const fs::path& folder) {
  write_channels(folder, {"train", "validation", "test"}, "rows.csv", two_clouds());
}

void write_two_clouds_without_validation(const fs::path& folder) {
  write_channels(folder, {"train", "test"}, "rows.csv", two_clouds());
}

/// Forty rows of two features around four corners, nearly.
void write_corners(const fs::path& folder) {
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    rows += std::to_string(i % 2 * 9 + i % 5) + "," + std::to_string(i / 2 % 2 * 9 + i % 3) + "\n";
  }
  write_channels(folder, {"train", "test"}, "rows.csv", rows);
}

/// Twenty rows of four features that mostly vary along one direction.
void write_a_line(const fs::path& folder) {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    rows += std::to_string(2 * i) + "," + std::to_string(-i) + "," + std::to_string(i % 3) + "," +
            std::to_string(i * i % 5) + "\n";
  }
  write_channels(folder, {"train", "test"}, "rows.csv", rows);
}

/// Two hundred rows of two features, and the same with a label in front, 1 of the few far out.
void write_outliers(const fs::path& folder) {
  std::string rows, labelled;
  for (int i = 0; i < 200; ++i) {
    const bool far = i % 50 == 7;
    const std::string row =
        std::to_string(far ? 100 + i : i % 5) + "," + std::to_string(i % 7) + "\n";
    rows += row;
    labelled += (far ? "1," : "0,") + row;
  }
  write_channels(folder, {"train"}, "rows.csv", rows);
  write_channels(folder, {"test"}, "rows.csv", labelled);
}

/// Twenty documents of six words: those of even number speak of the first three, the others of the
/// rest.
void write_two_subjects(const fs::path& folder) {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    for (int word = 0; word < 6; ++word) {
      const bool speaks = (word < 3) == (i % 2 == 0);
      rows += std::to_string(speaks ? 1 + (i + word) % 4 : 0) + (word < 5 ? "," : "\n");
    }
  }
  write_channels(folder, {"train", "validation", "test"}, "counts.csv", rows);
}

/// Two rows of two features.
constexpr const char* kTwoRows = "0.5,1\n-2,0.25\n";
constexpr const char* kTwoInstances =
    R"({"instances":[{"features":[0.5,1]},{"data":{"features":{"values":[-2,0.25]}}}]})";

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
        .csv_request = kTwoRows,
        .json_request = kTwoInstances}},
      {"kmeans",
       {.algorithm = "kmeans",
        .hyperparameters = {{"k", "3"}, {"feature_dim", "2"}, {"mini_batch_size", "10"}},
        .write_channels = &write_corners,
        .content_type = "text/csv",
        .csv_request = kTwoRows,
        .json_request = kTwoInstances}},
      {"knn",
       {.algorithm = "knn",
        // Fewer rows than there are, so that the seed decides.
        .hyperparameters = {{"predictor_type", "classifier"}, {"k", "3"}, {"sample_size", "12"}},
        .write_channels = &write_two_clouds_without_validation,
        .content_type = "text/csv",
        .csv_request = kTwoRows,
        .json_request = kTwoInstances}},
      {"ntm",
       {.algorithm = "ntm",
        .hyperparameters =
            {{"feature_dim", "6"}, {"num_topics", "2"}, {"mini_batch_size", "5"}, {"epochs", "2"}},
        .write_channels = &write_two_subjects,
        .content_type = "text/csv",
        .csv_request = "1,0,2,0,0,0\n0,0,0,1,1,3\n",
        .json_request =
            R"({"instances":[{"features":[1,0,2,0,0,0]},)"
            R"({"data":{"features":{"keys":[3,4,5],"shape":[6],"values":[1,1,3]}}}]})"}},
      // Randomized, and with a sketch narrower than the rows: the seed makes a difference.
      {"pca",
       {.algorithm = "pca",
        .hyperparameters = {{"feature_dim", "4"},
                            {"mini_batch_size", "5"},
                            {"num_components", "1"},
                            {"algorithm_mode", "randomized"},
                            {"extra_components", "0"}},
        .write_channels = &write_a_line,
        .content_type = "text/csv",
        .csv_request = "0.5,1,0,2\n-2,0.25,1,1\n",
        .json_request =
            R"({"instances":[{"features":[0.5,1,0,2]},{"data":{"features":{"values":[-2,0.25,1,1]}}}]})"}},
      {"randomcutforest",
       {.algorithm = "randomcutforest",
        .hyperparameters = {{"feature_dim", "2"}, {"num_trees", "50"}},
        .write_channels = &write_outliers,
        .content_type = "text/csv",
        .distributions = {{"train", "ShardedByS3Key"}, {"test", "FullyReplicated"}},
        .csv_request = kTwoRows,
        .json_request = kTwoInstances}}};
  return jobs;
}

}  // namespace millrace
