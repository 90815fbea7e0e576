#include "core/contract/config_files.h"

#include <algorithm>

#include "core/json/json.h"

namespace millrace {
namespace {

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

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
  std::vector<InstanceGroup> groups = resources.groups;
  if (groups.empty()) {
    groups.push_back({.name = "homogeneousCluster",
                      .instance_type = resources.instance_type,
                      .hosts = resources.hosts});
  }
  std::string current_group;
  Json group_list = Json::array();
  for (const InstanceGroup& group : groups) {
    const std::vector<std::string> hosts = sorted(group.hosts);
    if (std::binary_search(hosts.begin(), hosts.end(), resources.current_host))
      current_group = group.name;
    group_list.push_back(Json{{"instance_group_name", group.name},
                              {"instance_type", group.instance_type},
                              {"hosts", hosts}});
  }
  return to_text(Json{{"current_host", resources.current_host},
                      {"current_instance_type", resources.instance_type},
                      {"current_group_name", current_group},
                      {"hosts", sorted(resources.hosts)},
                      {"instance_groups", group_list},
                      {"network_interface_name", resources.network_interface}});
}

}  // namespace millrace
