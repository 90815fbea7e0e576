#pragma once

#include <cstdint>
#include <string_view>

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

/// True for types whose local NVMe disk replaces the volume, for which VolumeKmsKeyId cannot be
/// given.
bool has_local_nvme(std::string_view type);

}  // namespace millrace::catalog
