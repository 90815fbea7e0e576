#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// Wall-clock time with the millisecond resolution that clients keep.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

Time now();
std::int64_t to_millis(Time time);
Time from_millis(std::int64_t millis);
/// Seconds since the epoch with milliseconds as the fraction: SageMaker's JSON timestamp.
double to_seconds(Time time);

std::string iso8601(Time time);          ///< 2024-05-01T10:00:00.000Z (S3 XML, STS, IAM)
std::string iso8601_seconds(Time time);  ///< 2024-05-01T10:00:00Z
std::string rfc1123(Time time);          ///< Wed, 01 May 2024 10:00:00 GMT (HTTP headers)
std::string amz_date(Time time);         ///< 20240501T100000Z (SigV4)

std::optional<Time> parse_iso8601(std::string_view text);  ///< both ISO forms above, fraction of any length
std::optional<Time> parse_rfc1123(std::string_view text);
std::optional<Time> parse_amz_date(std::string_view text);

}  // namespace millrace
