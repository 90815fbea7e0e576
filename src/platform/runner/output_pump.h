#pragma once

#include <exception>
#include <functional>
#include <string_view>
#include <thread>

#include "core/base/fd.h"
#include "core/base/time.h"
#include "platform/runner/metric_patterns.h"
#include "platform/runner/reporter.h"

namespace millrace::runner {

/// Reads a program's output to its end in a thread of its own and hands on each line with the time
/// at which it was read. Who takes lines more slowly than the program prints them makes the program
/// wait.
class OutputPump {
 public:
  /// `line` is as LineSplitter cuts it.
  using OnLine = std::function<void(Time read_at, std::string_view line)>;

  OutputPump(Fd output, OnLine on_line);

  /// Waits for the end of the output, which comes when no process holds its other end. Throws what
  /// went wrong.
  void finish();

 private:
  static void run(Fd output, const OnLine& on_line);

  std::exception_ptr failure_;
  std::jthread thread_;
};

/// Sends each line to the job's log, and what the patterns find in it as metrics. Both must outlive
/// the pump.
OutputPump::OnLine lines_of_job(const MetricPatterns& patterns, Reporter& reporter);

}  // namespace millrace::runner
