#include "core/contract/channel_report.h"

#include <cmath>

#include "core/base/refuse.h"
#include "core/json/json.h"

namespace millrace {
namespace {

constexpr const char* kFile = "channels.json";
/// What a double, and so every JSON reader, holds exactly; sums of these do not overflow.
constexpr double kMaxNumber = 9007199254740991;  // 2^53 - 1

double number_of(const Json& value, const std::string& where, bool whole) {
  const double number = value.is_number() ? value.get<double>() : -1;
  if (!(number >= 0 && number <= kMaxNumber) || (whole && number != std::floor(number))) {
    refuse(where, to_text(value),
           std::string(whole ? "a whole number" : "a number") + " from 0 to 2^53 - 1");
  }
  return number;
}

ChannelReport report_of(const Json& object, const std::string& where) {
  if (!object.is_object()) refuse(where, to_text(object), "a JSON object");
  const auto count = [&](const char* name) -> std::optional<std::int64_t> {
    const auto found = object.find(name);
    if (found == object.end()) return std::nullopt;
    return static_cast<std::int64_t>(
        number_of(*found, where + ", member '" + name + "'", /*whole=*/true));
  };
  const auto seconds = [&](const char* name) -> std::optional<double> {
    const auto found = object.find(name);
    if (found == object.end()) return std::nullopt;
    return number_of(*found, where + ", member '" + name + "'", /*whole=*/false);
  };
  return {.records = count("records"),
          .passes = count("passes"),
          .records_per_pass = count("records_per_pass"),
          .seconds = seconds("seconds"),
          .seconds_waited = seconds("seconds_waited")};
}

template <class Number>
void put(Json& object, const char* name, const std::optional<Number>& number) {
  if (number) object[name] = *number;
}

}  // namespace

std::string channel_reports_json(const ChannelReports& reports) {
  Json document = Json::object();
  for (const auto& [name, report] : reports) {
    Json& object = document[name] = Json::object();
    put(object, "records", report.records);
    put(object, "passes", report.passes);
    put(object, "records_per_pass", report.records_per_pass);
    put(object, "seconds", report.seconds);
    put(object, "seconds_waited", report.seconds_waited);
  }
  return to_text(document);
}

ChannelReports parse_channel_reports(std::string_view text) {
  const Json document =
      parse_json(text, kFile, {.max_bytes = kMaxChannelReportBytes, .max_depth = 4});
  if (!document.is_object()) refuse(kFile, to_text(document), "a JSON object");
  ChannelReports reports;
  for (const auto& [name, object] : document.items())
    reports[name] = report_of(object, std::string(kFile) + ", channel '" + name + "'");
  return reports;
}

}  // namespace millrace
