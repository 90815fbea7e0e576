#include "trainer/job/job.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace millrace {

std::vector<std::filesystem::path> Channel::files() const {
  if (config.input_mode != "File" && config.input_mode != "FastFile") {
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + name + "'",
                        .given = "TrainingInputMode " + config.input_mode,
                        .expected = "File",
                        .fix = "Set TrainingInputMode or the channel's InputMode to File."});
  }
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(directory)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + name + "'",
                        .given = "no files",
                        .expected = "at least one file",
                        .fix = "Check the channel's S3Uri: nothing was found below it."});
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Channel::name_of(const std::filesystem::path& file) const {
  return "channel '" + name + "', " + file.lexically_relative(directory).string();
}

Job::Job(ContractPaths paths, std::stop_token stop)
    : paths_(std::move(paths)),
      stop_(std::move(stop)),
      hyperparameters_(read_hyperparameters(paths_)),
      resources_(read_resource_config(paths_)) {
  for (auto& [name, config] : read_input_data_config(paths_)) {
    channels_.emplace(name,
                      Channel{.name = name, .config = config, .directory = paths_.channel(name)});
  }
}

const Channel* Job::find_channel(std::string_view name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : &found->second;
}

}  // namespace millrace
