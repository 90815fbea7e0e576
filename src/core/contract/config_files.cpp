#include "core/contract/config_files.h"

#include <algorithm>

#include "core/json/json.h"

namespace millrace {

std::string hyperparameters_json(const std::map<std::string, std::string>& hyperparameters) {
  Json document = Json::object();
  for (const auto& [name, value] : hyperparameters) document[name] = value;
  return to_text(document);
}

std::string input_data_config_json(const std::vector<ChannelConfig>& channels) {
  Json document = Json::object();
  for (const ChannelConfig& channel : channels) {
    Json& entry = document[channel.name] = Json::object();
    if (channel.content_type) entry["ContentType"] = *channel.content_type;
    entry["TrainingInputMode"] = channel.input_mode;
    entry["S3DistributionType"] = channel.distribution;
    entry["RecordWrapperType"] = channel.record_wrapper;
    if (channel.compression) entry["CompressionType"] = *channel.compression;
  }
  return to_text(document);
}

std::string resource_config_json(const ResourceConfig& resources) {
  constexpr const char* kOnlyGroup = "homogeneousCluster";
  std::vector<std::string> hosts = resources.hosts;
  std::sort(hosts.begin(), hosts.end());
  return to_text(
      Json{{"current_host", resources.current_host},
           {"current_instance_type", resources.instance_type},
           {"current_group_name", kOnlyGroup},
           {"hosts", hosts},
           {"instance_groups", Json::array({Json{{"instance_group_name", kOnlyGroup},
                                                 {"instance_type", resources.instance_type},
                                                 {"hosts", hosts}}})},
           {"network_interface_name", resources.network_interface}});
}

}  // namespace millrace
