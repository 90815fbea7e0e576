#pragma once

#include <string>

#include "generated/aws/sagemaker/types.h"
#include "platform/hosting/endpoint_state.h"
#include "platform/records/hosting.h"

namespace millrace::hosting {

/// An endpoint as its row has it.
struct EndpointRecord {
  std::string account;
  std::string name;
  std::string region;
  Time created{};
  EndpointState state;

  [[nodiscard]] std::string arn() const;
};

EndpointRecord endpoint_of(const records::HostingRow& row);
records::HostingRow row_of(const EndpointRecord& endpoint);

wire::sagemaker::DescribeEndpointOutput describe(const EndpointRecord& endpoint);

}  // namespace millrace::hosting
