#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace millrace {

/// The directories and files on which platform and training program agree. Everything hangs below one base,
/// "/opt/ml" inside the sandbox and the job's own folder outside it.
/// Source: Amazon SageMaker Developer Guide, "Use Your Own Training Algorithms".
struct ContractPaths {
  std::filesystem::path base = "/opt/ml";

  [[nodiscard]] std::filesystem::path config() const { return base / "input" / "config"; }
  [[nodiscard]] std::filesystem::path hyperparameters() const { return config() / "hyperparameters.json"; }
  [[nodiscard]] std::filesystem::path input_data_config() const { return config() / "inputdataconfig.json"; }
  [[nodiscard]] std::filesystem::path resource_config() const { return config() / "resourceconfig.json"; }
  [[nodiscard]] std::filesystem::path input_data() const { return base / "input" / "data"; }
  [[nodiscard]] std::filesystem::path channel(std::string_view name) const { return input_data() / name; }
  /// The manifest of a File channel whose objects a ManifestFile names.
  [[nodiscard]] std::filesystem::path manifest(std::string_view name) const {
    return input_data() / (std::string(name) + "-manifest");
  }
  /// Weights that the operator of the machine supplies to all jobs, read-only: pretrained/ of the
  /// daemon's data directory. There is none where the operator has made none. Not Amazon's.
  [[nodiscard]] std::filesystem::path pretrained() const { return base / "input" / "pretrained"; }
  /// The FIFO that carries one epoch of a Pipe channel, epochs from 0.
  [[nodiscard]] std::filesystem::path fifo(std::string_view name, std::int64_t epoch) const {
    return input_data() / (std::string(name) + "_" + std::to_string(epoch));
  }
  [[nodiscard]] std::filesystem::path model() const { return base / "model"; }
  [[nodiscard]] std::filesystem::path code() const { return base / "code"; }
  [[nodiscard]] std::filesystem::path output() const { return base / "output"; }
  [[nodiscard]] std::filesystem::path output_data() const { return output() / "data"; }
  [[nodiscard]] std::filesystem::path failure() const { return output() / "failure"; }
  /// What a program may say of its reading (channel_report.h). Not Amazon's.
  [[nodiscard]] std::filesystem::path channel_report() const { return output() / "channels.json"; }
  [[nodiscard]] std::filesystem::path checkpoints() const { return base / "checkpoints"; }
};

}  // namespace millrace
