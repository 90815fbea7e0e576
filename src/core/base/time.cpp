#include "core/base/time.h"

#include <cstdio>
#include <ctime>

#include "core/base/text.h"

namespace millrace {
namespace {

std::tm utc(Time time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

std::string format(Time time, const char* pattern) {
  const std::tm parts = utc(time);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, pattern, &parts));
}

/// Reads the digits of `text` at the given places; nullopt where one is not a digit.
std::optional<int> digits(std::string_view text, std::size_t offset, std::size_t count) {
  if (text.size() < offset + count) return std::nullopt;
  int value = 0;
  for (std::size_t i = offset; i < offset + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<Time> from_parts(std::optional<int> year, std::optional<int> month, std::optional<int> day,
                               std::optional<int> hour, std::optional<int> minute, std::optional<int> second) {
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

}  // namespace

Time now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
std::int64_t to_millis(Time time) { return time.time_since_epoch().count(); }
Time from_millis(std::int64_t millis) { return Time(std::chrono::milliseconds(millis)); }
double to_seconds(Time time) { return static_cast<double>(to_millis(time)) / 1000.0; }

std::string iso8601(Time time) {
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(((to_millis(time) % 1000) + 1000) % 1000));
  return format(time, "%Y-%m-%dT%H:%M:%S") + fraction;
}

std::string iso8601_seconds(Time time) { return format(time, "%Y-%m-%dT%H:%M:%SZ"); }

// Written out because %a and %b follow the process's locale.
std::string rfc1123(Time time) {
  const std::tm parts = utc(time);
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday], parts.tm_mday,
                kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

std::string amz_date(Time time) { return format(time, "%Y%m%dT%H%M%SZ"); }

std::optional<Time> parse_iso8601(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text.back() != 'Z') {
    return std::nullopt;
  }
  std::optional<Time> time = from_parts(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), digits(text, 11, 2),
                                        digits(text, 14, 2), digits(text, 17, 2));
  std::string_view fraction = text.substr(19, text.size() - 20);
  if (!time || fraction.empty()) return time;
  if (fraction.front() != '.' || fraction.size() < 2) return std::nullopt;
  fraction.remove_prefix(1);
  int millis = 0;
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    if (fraction[i] < '0' || fraction[i] > '9') return std::nullopt;
    if (i < 3) millis = millis * 10 + (fraction[i] - '0');
  }
  for (std::size_t i = fraction.size(); i < 3; ++i) millis *= 10;
  return *time + std::chrono::milliseconds(millis);
}

std::optional<Time> parse_rfc1123(std::string_view text) {
  if (text.size() != 29 || text[3] != ',' || text.substr(26) != "GMT") return std::nullopt;
  for (int month = 0; month < 12; ++month) {
    if (text.substr(8, 3) == kMonths[month]) {
      return from_parts(digits(text, 12, 4), month + 1, digits(text, 5, 2), digits(text, 17, 2), digits(text, 20, 2),
                        digits(text, 23, 2));
    }
  }
  return std::nullopt;
}

std::optional<Time> parse_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return from_parts(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2), digits(text, 9, 2), digits(text, 11, 2),
                    digits(text, 13, 2));
}

}  // namespace millrace
