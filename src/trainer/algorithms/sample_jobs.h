#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// The smallest job that an algorithm can train on, for the conformance suite.
struct SampleJob {
  std::string algorithm;
  std::map<std::string, std::string> hyperparameters;
  /// Writes the files of every required channel below this folder: <folder>/<channel>/...
  std::function<void(const std::filesystem::path& folder)> write_channels;
  /// A file the algorithm's evaluate() measures a model on; written by write_channels, relative to
  /// the folder.
  std::filesystem::path test_data;
  bool needs_png = false;                   ///< to write its channels
  std::optional<std::string> content_type;  ///< of its channels
  /// Of channels that take one S3DataDistributionType only, by name.
  std::map<std::string, std::string> distributions;
  /// Of algorithms that score rows: the same two rows in two forms.
  std::string csv_request, json_request;
};

/// One for every entry of all_algorithms(); the suite fails for an algorithm that has none.
const std::map<std::string, SampleJob, std::less<>>& sample_jobs();

}  // namespace millrace
