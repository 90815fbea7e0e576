#pragma once

#include <string>
#include <vector>

#include "generated/aws/sagemaker/types.h"

namespace millrace::tags {

inline constexpr std::int64_t kMaxTags = 50;  ///< of one resource

/// Keys are unique and do not begin with "aws:". Throws Error(Customer, ValidationException).
void check_tags(const std::vector<wire::sagemaker::Tag>& tags);

}  // namespace millrace::tags
