#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::proxy {

/// Why a host is not reached through the proxy, in one sentence; nullopt for a host of an AWS
/// service that Millrace answers for: S3 with its buckets as host names, S3 Control and Outposts,
/// STS, IAM, SageMaker with runtime and metrics, CloudWatch and its logs, the API of ECR.
std::optional<std::string> refusal_of(std::string_view host);

}  // namespace millrace::proxy
