#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "generated/aws/sagemaker/types.h"

namespace millrace::hosting {

/// Refuses by name what is not served. Throws Error(Customer, ValidationException).
void check_config(const wire::sagemaker::CreateEndpointConfigInput& request);

/// Instances all run on this machine. `where` names the member.
void check_instance_count(std::int64_t count, const std::string& where);

/// The same for how an endpoint's instances are exchanged: all at once, with the old ones kept for
/// the waits that are given.
void check_deployment(const std::optional<wire::sagemaker::DeploymentConfig>& config);

}  // namespace millrace::hosting
