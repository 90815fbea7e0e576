#pragma once

#include <memory>
#include <string>

#include "platform/runner/network/door.h"

namespace millrace::runner {

/// Who lets requests in to a model's server: told by the supervisor when the server is healthy, and
/// when it is not to be asked any more.
class ServerGate {
 public:
  virtual ~ServerGate() = default;
  virtual void open(std::shared_ptr<Door> door) = 0;
  /// `reason`: "it is being started again".
  virtual void close(std::string reason) = 0;
};

}  // namespace millrace::runner
