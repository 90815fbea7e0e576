#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/sagemaker/types.h"

namespace millrace::jobs {

/// Hosts of one kind.
struct HostGroup {
  std::string name;  ///< empty for the only group of a request without InstanceGroups
  std::string instance_type;
  std::vector<std::string> hosts;
};

/// The hosts of a job, numbered from algo-1 through its instance groups in the order of the
/// request.
std::vector<HostGroup> host_groups(const wire::sagemaker::ResourceConfig& resources);

/// How many there are, whatever groups they are in.
std::int64_t host_count(const wire::sagemaker::ResourceConfig& resources);

/// The hosts that a channel is delivered to: all, or those of its InstanceGroupNames.
std::vector<std::string> hosts_of(const wire::sagemaker::Channel& channel,
                                  const std::vector<HostGroup>& groups);

/// Names of all hosts, by number.
std::vector<std::string> all_hosts(const std::vector<HostGroup>& groups);

/// Instance types of all hosts, by number.
std::vector<std::string> instance_types(const std::vector<HostGroup>& groups);

}  // namespace millrace::jobs
