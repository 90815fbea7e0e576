#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace {

/// Name of one of a job's hosts, numbered from 1: algo-1, algo-2, ...
inline std::string host_name(std::int64_t number) {
  return "algo-" + std::to_string(number);
}

/// Names of all, in the order of their numbers.
inline std::vector<std::string> host_names(std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t number = 1; number <= count; ++number) names.push_back(host_name(number));
  return names;
}

}  // namespace millrace
