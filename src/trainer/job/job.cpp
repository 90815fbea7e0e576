#include "trainer/job/job.h"

#include <utility>

namespace millrace {

Job::Job(ContractPaths paths, std::stop_token stop)
    : paths_(std::move(paths)),
      stop_(std::move(stop)),
      hyperparameters_(read_hyperparameters(paths_)),
      resources_(read_resource_config(paths_)) {
  for (auto& [name, config] : read_input_data_config(paths_)) {
    channels_.emplace(name, Channel{.name = name, .config = config, .paths = paths_});
  }
}

const Channel* Job::find_channel(std::string_view name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : &found->second;
}

}  // namespace millrace
