#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/text.h"
#include "core/contract/metric_line.h"
#include "platform/runner/metric_patterns.h"

/// The first line of the input is a pattern, the rest a line of output.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const millrace::runner::MetricPatterns patterns({{"metric", std::string(text.substr(0, end))}});
  const std::string line = millrace::valid_utf8(text.substr(std::min(end + 1, text.size())));
  patterns.search(line, [](const millrace::runner::MetricValue& found) {
    if (!std::isfinite(found.value)) std::abort();
  });
  if (const auto step = millrace::step_of_line(line); step && *step < 0) std::abort();
  return 0;
}
