#include "platform/runner/output_pump.h"

#include <array>

#include "core/contract/metric_line.h"
#include "core/io/file.h"
#include "platform/runner/line_splitter.h"

namespace millrace::runner {

OutputPump::OutputPump(Fd output, OnLine on_line)
    : thread_([this, on_line = std::move(on_line), fd = std::move(output)]() mutable {
        try {
          run(std::move(fd), on_line);
        } catch (...) {
          failure_ = std::current_exception();
        }
      }) {}

void OutputPump::finish() {
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

void OutputPump::run(Fd output, const OnLine& on_line) {
  Time read_at{};
  LineSplitter lines([&](std::string_view line) { on_line(read_at, line); });
  FdSource source(std::move(output));
  std::array<char, 64 * 1024> block;
  while (const std::size_t got = source.read(block)) {
    read_at = now();
    lines.write({block.data(), got});
  }
  lines.finish();
}

OutputPump::OnLine lines_of_job(const MetricPatterns& patterns, Reporter& reporter) {
  return [&patterns, &reporter](Time read_at, std::string_view line) {
    reporter.log(read_at, line);
    patterns.search(line, [&](const MetricValue& found) {
      reporter.metric({.metric_name = std::string(found.name),
                       .value = found.value,
                       .timestamp = read_at,
                       .step = step_of_line(line)});
    });
  };
}

}  // namespace millrace::runner
