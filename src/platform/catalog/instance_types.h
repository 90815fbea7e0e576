#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::catalog {

/// What a job may use of a machine.
struct Resources {
  double cpus = 0;
  std::int64_t memory_bytes = 0;
};

/// CPUs this process may run on and the memory of the machine, or of the control group that limits
/// the process.
Resources this_machine();

/// What a job on one instance of `type` gets here: the published vCPUs and memory of the type, cut
/// to what `machine` has, so that every type can be served and a small type stays small. A type
/// whose size is not known gets the whole machine. GPUs are not counted: types with GPUs run on the
/// CPUs.
///
/// Source: Amazon EC2 instance type tables; see instance_types.cpp.
Resources resources_of(std::string_view type, const Resources& machine);

/// What each host of a job gets, whose instances all run on this machine: as resources_of(), and
/// where that comes to more than `machine` in all, the same fraction of it for every host.
std::vector<Resources> shares_of(const std::vector<std::string>& types, const Resources& machine);

/// What a job takes of the machine.
Resources sum_of(const std::vector<Resources>& shares);

/// True for types whose local NVMe disk replaces the volume, for which VolumeKmsKeyId cannot be
/// given.
bool has_local_nvme(std::string_view type);

}  // namespace millrace::catalog
