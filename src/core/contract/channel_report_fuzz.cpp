#include "core/contract/channel_report.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

/// Any text as a program's channel report: refused as the program's fault, or read as numbers that
/// can be added up and written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const millrace::ChannelReports reports = millrace::parse_channel_reports(text);
    for (const auto& [name, report] : reports) {
      if (report.records.value_or(0) < 0 || !(report.seconds.value_or(0) >= 0)) std::abort();
    }
    if (millrace::parse_channel_reports(millrace::channel_reports_json(reports)) != reports)
      std::abort();
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
