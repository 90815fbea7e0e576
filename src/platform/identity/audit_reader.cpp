#include "platform/identity/audit_reader.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <system_error>

#include "core/base/error.h"

namespace millrace::identity {
namespace {

bool holds_any(const std::string& text, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return text.find(part) != std::string::npos; });
}

/// A crash of the machine may have cut a line.
std::optional<Time> time_of(const Json& line) {
  const auto actions = line.is_object() ? line.find("actions") : line.end();
  if (!line.is_object() || actions == line.end() || !actions->is_array()) return std::nullopt;
  const auto time = line.find("time");
  if (time == line.end() || !time->is_string()) return std::nullopt;
  return parse_iso8601(time->get<std::string>());
}

}  // namespace

AuditReading read_audit(const std::filesystem::path& directory, const AuditQuery& query,
                        const std::function<void(Time at, const Json& line)>& visit) {
  const auto day_of = [](Time at) { return iso8601(at).substr(0, 10); };
  const std::string first = day_of(query.since);
  const std::string last = day_of(query.until);
  AuditReading reading;
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
    const std::string day = entry.path().stem().string();
    if (entry.path().extension() != ".jsonl" || day < first || day > last) continue;
    files.push_back(entry.path());
    reading.has_first_day |= day == first;
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path);
    if (!file) throw Error(Blame::Platform, "the audit log " + path.string() + " cannot be read");
    for (std::string text; std::getline(file, text);) {
      if (!holds_any(text, query.parts)) continue;
      const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      const std::optional<Time> at = time_of(line);
      if (!at) {
        ++reading.damaged;
      } else if (*at >= query.since && *at < query.until) {
        visit(*at, line);
      }
    }
  }
  return reading;
}

}  // namespace millrace::identity
