#pragma once

#include <optional>
#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::hosting {

/// Endpoint configurations. Endpoints keep a copy of theirs: SDKs delete the configuration of a
/// live endpoint first.
class EndpointConfigs {
 public:
  /// `database` must outlive this.
  explicit EndpointConfigs(records::Database& database) : database_(database) {}

  wire::sagemaker::CreateEndpointConfigOutput create(
      const wire::sagemaker::CreateEndpointConfigInput& request, const aws::Caller& caller);
  wire::sagemaker::DescribeEndpointConfigOutput describe(
      const wire::sagemaker::DescribeEndpointConfigInput& request, const aws::Caller& caller);
  wire::sagemaker::ListEndpointConfigsOutput list(
      const wire::sagemaker::ListEndpointConfigsInput& request, const aws::Caller& caller);
  wire::Empty remove(const wire::sagemaker::DeleteEndpointConfigInput& request,
                     const aws::Caller& caller);

  static std::optional<std::string> arn_of(records::Connection& connection,
                                           const std::string& account, const std::string& name);

 private:
  records::Database& database_;
};

}  // namespace millrace::hosting
