#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// What a program says of its reading of one channel so far. Every member may be absent.
struct ChannelReport {
  std::optional<std::int64_t> records;           ///< taken, over all passes
  std::optional<std::int64_t> passes;            ///< read to their end
  std::optional<std::int64_t> records_per_pass;  ///< of the last of these
  std::optional<double>
      seconds;  ///< from the first record that was asked for to the last that came
  std::optional<double> seconds_waited;  ///< of these, in which there was no record yet

  bool operator==(const ChannelReport&) const = default;
};

/// By the channel's name.
using ChannelReports = std::map<std::string, ChannelReport, std::less<>>;

/// A program may report more channels than a job has; what it writes beyond this is not read.
inline constexpr std::size_t kMaxChannelReportBytes = std::size_t{64} << 10;

/// The content of output/channels.json, which a program may write and replace at any time:
///
///     {"train": {"records": 1000, "passes": 1, "records_per_pass": 1000, "seconds": 1.5,
///                "seconds_waited": 0.2}}
std::string channel_reports_json(const ChannelReports& reports);

/// Members of other names are passed over. Throws Error(Customer) naming file, channel and member
/// of what is no such object, or no number that is at least 0.
ChannelReports parse_channel_reports(std::string_view text);

}  // namespace millrace
