#pragma once

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/contract/config_files.h"
#include "core/contract/paths.h"
#include "core/io/file.h"

namespace millrace {

/// A job's /opt/ml for tests, in a temporary directory that goes with the object.
///
///     JobFolder folder({{"epochs", "2"}});
///     folder.add_channel({.name = "train", .content_type = "text/csv"}, {{"a.csv", "1,2\n"}});
///     Job job(folder.paths(), {});
class JobFolder {
 public:
  explicit JobFolder(std::map<std::string, std::string> hyperparameters) {
    char name[] = "/tmp/millrace-job-XXXXXX";
    paths_.base = ::mkdtemp(name);
    std::filesystem::create_directories(paths_.config());
    std::filesystem::create_directories(paths_.model());
    write_file_durably(paths_.hyperparameters(), hyperparameters_json(hyperparameters));
  }
  JobFolder(const JobFolder&) = delete;
  JobFolder& operator=(const JobFolder&) = delete;
  ~JobFolder() { std::filesystem::remove_all(paths_.base); }

  /// `files` by name; none for a channel that is served otherwise. Its mode is File unless it says
  /// so.
  void add_channel(ChannelConfig channel, const std::map<std::string, std::string>& files) {
    if (channel.input_mode.empty()) channel.input_mode = "File";
    std::filesystem::create_directories(paths_.channel(channel.name));
    for (const auto& [name, bytes] : files)
      write_file_durably(paths_.channel(channel.name) / name, bytes);
    channels_.push_back(std::move(channel));
    write_file_durably(paths_.input_data_config(), input_data_config_json(channels_));
  }

  void set_resources(const ResourceConfig& resources) const {
    write_file_durably(paths_.resource_config(), resource_config_json(resources));
  }

  [[nodiscard]] const ContractPaths& paths() const { return paths_; }

 private:
  ContractPaths paths_;
  std::vector<ChannelConfig> channels_;
};

}  // namespace millrace
