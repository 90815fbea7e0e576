#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/runner/daemon.h"
#include "platform/runner/log_queue.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// The log stream of a transform job in which stands what is said about its objects. One thread.
class DataLog {
 public:
  DataLog(std::unique_ptr<Daemon> daemon, const std::string& group, const std::string& stream,
          const Patience& patience);
  DataLog(const DataLog&) = delete;
  DataLog& operator=(const DataLog&) = delete;
  /// Sends what is left, trying again for as long as patience allows.
  ~DataLog();

  void note(std::string_view line);

 private:
  void send();

  const std::unique_ptr<Daemon> daemon_;
  LogQueue lines_;
  LogDelivery delivery_;
};

}  // namespace millrace::runner
