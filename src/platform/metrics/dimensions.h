#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/cloudwatch/types.h"

namespace millrace::metrics {

/// Dimensions as the text that identifies them: a JSON object ordered by name, whatever the order
/// they were given in. Throws Error(Customer, InvalidParameterValue) for a name that is given
/// twice, begins with a colon or has nothing but spaces.
std::string canonical(const std::vector<wire::cloudwatch::Dimension>& dimensions);

/// The other way.
std::vector<wire::cloudwatch::Dimension> dimensions_of(std::string_view canonical);

}  // namespace millrace::metrics
