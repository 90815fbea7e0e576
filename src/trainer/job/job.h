#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/contract/config_reader.h"
#include "core/contract/paths.h"
#include "trainer/job/channel.h"
#include "trainer/job/log.h"

namespace millrace {

/// What an algorithm sees of the job it works for: its settings, its inputs, where to put what it
/// makes, and whether it has been asked to stop. It knows nothing of the platform but the
/// directories of core/contract.
class Job {
 public:
  /// Reads the config files below `paths.base`; throws what core/contract/config_files.h throws.
  Job(ContractPaths paths, std::stop_token stop);

  /// Values as they arrived, by name.
  [[nodiscard]] const std::map<std::string, std::string>& hyperparameters() const {
    return hyperparameters_;
  }
  /// nullptr when the job has no such channel.
  [[nodiscard]] const Channel* find_channel(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, Channel, std::less<>>& channels() const {
    return channels_;
  }
  [[nodiscard]] const ResourceConfig& resources() const { return resources_; }

  /// What is uploaded as model.tar.gz.
  [[nodiscard]] std::filesystem::path model_directory() const { return paths_.model(); }
  [[nodiscard]] const ContractPaths& paths() const { return paths_; }

  /// Set by SIGTERM. An algorithm looks at it between steps, leaves a usable model and returns.
  [[nodiscard]] const std::stop_token& stop() const { return stop_; }
  Log& log() { return log_; }

 private:
  ContractPaths paths_;
  std::stop_token stop_;
  std::map<std::string, std::string> hyperparameters_;
  std::map<std::string, Channel, std::less<>> channels_;
  ResourceConfig resources_;
  Log log_;
};

}  // namespace millrace
