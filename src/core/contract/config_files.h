#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/paths.h"

namespace millrace {

/// What a training program learns about one channel; never where the data came from.
struct ChannelConfig {
  std::string name;
  std::string input_mode;                        ///< effective mode: File, Pipe or FastFile
  std::string distribution = "FullyReplicated";  ///< or ShardedByS3Key
  std::string record_wrapper = "None";           ///< or RecordIO
  std::optional<std::string> content_type;       ///< as the request has it
  std::optional<std::string> compression;        ///< as the request has it: Gzip
};

/// Hosts of one kind.
struct InstanceGroup {
  std::string name;
  std::string instance_type;
  std::vector<std::string> hosts;  ///< in any order
};

/// Which host this is, and which there are.
struct ResourceConfig {
  std::string current_host;  ///< algo-1
  std::vector<std::string>
      hosts;                  ///< in any order; written sorted as text (algo-1, algo-10, algo-2)
  std::string instance_type;  ///< of this host: ml.m5.large
  std::vector<InstanceGroup> groups;  ///< empty: one, homogeneousCluster, of all hosts
  std::string network_interface;      ///< exists where the program runs and reaches the other hosts
};

/// The content of the three files below input/config that every job has. UTF-8 JSON objects;
/// members stand in the order of the arguments. Every hyperparameter is a JSON string with exactly
/// the text the client sent. Source: Amazon SageMaker Developer Guide, "How Amazon SageMaker
/// Provides Training Information".
std::string hyperparameters_json(const std::map<std::string, std::string>& hyperparameters);
std::string input_data_config_json(const std::vector<ChannelConfig>& channels);
std::string resource_config_json(const ResourceConfig& resources);

}  // namespace millrace
