#pragma once

#include <string>

#include "platform/aws/client.h"

namespace millrace::cli {

struct ResidencyOptions {
  std::string name;
  bool readers = false;
  bool json = false;
};

/// Prints a job's residency report, for people or as JSON.
void print_residency(aws::Client client, const ResidencyOptions& options);

}  // namespace millrace::cli
