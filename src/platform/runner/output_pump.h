#pragma once

#include <exception>
#include <thread>

#include "core/base/fd.h"
#include "platform/runner/metric_patterns.h"
#include "platform/runner/reporter.h"

namespace millrace::runner {

/// Reads a program's output to its end in a thread of its own: each line goes to the job's log and
/// through the metric patterns. A daemon that takes lines more slowly than the program prints them
/// makes the program wait.
class OutputPump {
 public:
  /// `reporter` and `patterns` must outlive the pump.
  OutputPump(Fd output, const MetricPatterns& patterns, Reporter& reporter);

  /// Waits for the end of the output, which comes when no process holds its other end. Throws what
  /// went wrong.
  void finish();

 private:
  void run(Fd output, const MetricPatterns& patterns, Reporter& reporter);

  std::exception_ptr failure_;
  std::jthread thread_;
};

}  // namespace millrace::runner
