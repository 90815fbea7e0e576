#include "platform/jobs/hosts.h"

#include <algorithm>

#include "core/contract/host_names.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;

bool is_for(const sm::Channel& channel, const HostGroup& group) {
  const auto& source = channel.data_source.s3_data_source;
  if (!source || !source->instance_group_names || source->instance_group_names->empty())
    return true;
  const auto& names = *source->instance_group_names;
  return std::find(names.begin(), names.end(), group.name) != names.end();
}

}  // namespace

std::vector<HostGroup> host_groups(const sm::ResourceConfig& resources) {
  if (!resources.instance_groups) {
    return {{.name = {},
             .instance_type = *resources.instance_type,
             .hosts = host_names(*resources.instance_count)}};
  }
  std::vector<HostGroup> groups;
  std::int64_t number = 0;
  for (const sm::InstanceGroup& group : *resources.instance_groups) {
    HostGroup& added = groups.emplace_back(HostGroup{
        .name = group.instance_group_name, .instance_type = group.instance_type, .hosts = {}});
    for (std::int64_t i = 0; i < group.instance_count; ++i)
      added.hosts.push_back(host_name(++number));
  }
  return groups;
}

std::int64_t host_count(const sm::ResourceConfig& resources) {
  if (!resources.instance_groups) return resources.instance_count.value_or(0);
  // Bounded, so that what a client made up cannot overflow; far above what is accepted.
  constexpr std::int64_t kMany = 1'000'000;
  std::int64_t count = 0;
  for (const sm::InstanceGroup& group : *resources.instance_groups)
    count += std::min(group.instance_count, kMany);
  return count;
}

std::vector<std::string> hosts_of(const sm::Channel& channel,
                                  const std::vector<HostGroup>& groups) {
  std::vector<std::string> hosts;
  for (const HostGroup& group : groups) {
    if (is_for(channel, group)) hosts.insert(hosts.end(), group.hosts.begin(), group.hosts.end());
  }
  return hosts;
}

std::vector<std::string> all_hosts(const std::vector<HostGroup>& groups) {
  std::vector<std::string> hosts;
  for (const HostGroup& group : groups)
    hosts.insert(hosts.end(), group.hosts.begin(), group.hosts.end());
  return hosts;
}

std::vector<std::string> instance_types(const std::vector<HostGroup>& groups) {
  std::vector<std::string> types;
  for (const HostGroup& group : groups)
    types.insert(types.end(), group.hosts.size(), group.instance_type);
  return types;
}

}  // namespace millrace::jobs
