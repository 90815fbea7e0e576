#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "generated/aws/control/types.h"

namespace millrace::runner {

/// Objects or files, and their bytes.
struct Amount {
  std::int64_t objects = 0;
  std::int64_t bytes = 0;
};

/// What this run of a host has touched so far, for the job's residency report: places of data, and
/// the network. Any thread.
class ResidencyLog {
 public:
  ResidencyLog();

  /// Replaces what was said of the same place, access and purpose.
  void touch(wire::control::TouchedPlace touched);
  /// The same; `amount` absent: not counted.
  void touch(const char* kind, const std::string& place, const char* access, const std::string& by,
             const std::optional<Amount>& amount = std::nullopt);

  /// Asks `network` what the program has done there, whenever changed() is called, until
  /// unfollow(). What it throws leaves the last answer standing.
  void follow(std::function<wire::control::NetworkUse()> network);
  /// Asks once more, and not again.
  void unfollow();

  /// All of it, where it is not what the last call returned.
  std::optional<wire::control::HostResidency> changed();

 private:
  void read_network();

  std::mutex mutex_;
  wire::control::HostResidency now_;
  std::optional<wire::control::HostResidency> told_;
  std::function<wire::control::NetworkUse()> network_;
};

}  // namespace millrace::runner
