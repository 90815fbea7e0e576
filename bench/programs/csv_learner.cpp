/// A training program of nobody's in particular, on the /opt/ml contract: one epoch of linear regression by stochastic
/// gradient descent over the CSV channel `train`, read as files or from the FIFO. Hyperparameters: `batch` (rows), and
/// `megabytes_per_second`, 0 for as fast as it can: a model that needs longer for each batch than this one.
///
/// Its two lines are what bench/file_against_pipe.py reads: when the first batch was there, and how it ended.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/config_reader.h"
#include "core/data/csv_reader.h"
#include "core/io/file.h"

namespace {

using namespace millrace;
using Clock = std::chrono::steady_clock;

class CountingSource final : public ByteSource {
 public:
  CountingSource(FdSource source, std::uint64_t& bytes) : source_(std::move(source)), bytes_(bytes) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t got = source_.read(buffer);
    bytes_ += got;
    return got;
  }

 private:
  FdSource source_;
  std::uint64_t& bytes_;
};

std::vector<std::filesystem::path> inputs(const ContractPaths& paths) {
  if (read_input_data_config(paths).at("train").input_mode == "Pipe") return {paths.fifo("train", 0)};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(paths.channel("train")))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class LinearModel {
 public:
  /// One step on the batch; returns its mean squared error before the step.
  double step(const DenseBatch& batch) {
    const auto columns = static_cast<std::size_t>(batch.columns);
    weights_.resize(columns);
    gradient_.assign(columns, 0);
    double loss = 0;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const float* features = batch.features.data() + row * batch.columns;
      float error = -batch.labels[static_cast<std::size_t>(row)];
      for (std::size_t i = 0; i < columns; ++i) error += weights_[i] * features[i];
      loss += static_cast<double>(error) * error;
      for (std::size_t i = 0; i < columns; ++i) gradient_[i] += error * features[i];
    }
    const float rate = 0.5F / static_cast<float>(batch.columns) / static_cast<float>(batch.rows);
    for (std::size_t i = 0; i < columns; ++i) weights_[i] -= rate * gradient_[i];
    return loss / static_cast<double>(batch.rows);
  }

 private:
  std::vector<float> weights_;
  std::vector<float> gradient_;
};

void train() {
  const ContractPaths paths;
  const auto settings = read_hyperparameters(paths);
  const std::int64_t batch_rows = parse_int(settings.at("batch")).value();
  const double bytes_per_second = parse_double(settings.at("megabytes_per_second")).value() * 1e6;

  std::uint64_t bytes = 0;
  const auto files = inputs(paths);
  auto file = files.begin();
  CsvReader csv(
      [&]() -> std::optional<NamedSource> {
        if (file == files.end()) return std::nullopt;
        const std::filesystem::path path = *file++;
        return NamedSource{.name = path.string(),
                           .source = std::make_unique<CountingSource>(
                               FdSource(open_for_reading(path)), bytes)};
      },
      {.label_size = 1, .threads = 1});
  LinearModel model;
  DenseBatch batch;
  std::int64_t rows = 0;
  double loss = 0;
  Clock::time_point began;
  while (csv.read(batch, batch_rows)) {
    if (rows == 0) {
      began = Clock::now();
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      std::cout << "first_batch=" << std::chrono::duration<double>(now).count() << std::endl;
    }
    loss = model.step(batch);
    rows += batch.rows;
    if (bytes_per_second > 0) {
      std::this_thread::sleep_until(
          began + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(static_cast<double>(bytes) / bytes_per_second)));
    }
  }
  std::cout << "rows=" << rows << " megabytes=" << static_cast<double>(bytes) / 1e6
            << " loss=" << loss << std::endl;
}

}  // namespace

int main() {
  std::cout.precision(15);
  try {
    train();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cout << "csv_learner: " << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}
