#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"
#include "platform/cli/commands.h"
#include "platform/cli/daemon_files.h"

namespace millrace::cli {
namespace {

struct ExportOptions {
  std::string since;
  std::string until;
  std::string who;
  std::string resource;
  std::string format = "jsonl";
};

/// "2026-11-28" or a full ISO 8601 time.
std::optional<Time> time_of(const std::string& option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::string full = text.size() == 10 ? text + "T00:00:00Z" : text;
  const std::optional<Time> time = parse_iso8601(full);
  if (!time) {
    throw Error(Blame::Customer, Problem{.where = "option " + option,
                                         .given = text,
                                         .expected = "a day such as 2026-11-28 or a time such as "
                                                     "2026-11-28T10:00:00Z, in UTC",
                                         .fix = {}});
  }
  return time;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\n\r") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + "\"";
}

/// Empty where there is none of that name, or no text.
std::string text_of(const Json& line, const char* member) {
  const auto found = line.find(member);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool contains(const Json& line, const char* member, const std::string& part) {
  return text_of(line, member).find(part) != std::string::npos;
}

/// A line as this program writes them; a crash of the machine may have cut the last one.
std::optional<Json> line_of(const std::string& text) {
  Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object() || !parse_iso8601(text_of(line, "time"))) return std::nullopt;
  const auto actions = line.find("actions");
  if (actions == line.end() || !actions->is_array()) return std::nullopt;
  for (const Json& access : *actions) {
    if (!access.is_object()) return std::nullopt;
  }
  return line;
}

bool concerns(const Json& line, const std::string& who) {
  return contains(line, "user", who) || contains(line, "job", who) || contains(line, "arn", who) ||
         contains(line, "access_key", who);
}

void print(const Json& line, const std::string& text, const ExportOptions& options) {
  if (options.format == "jsonl") {
    std::cout << text << '\n';
    return;
  }
  // A row for each action, so that a spreadsheet can sort them.
  for (const Json& access : line.at("actions")) {
    std::vector<std::string> cells;
    for (const char* member : {"time", "account", "arn", "access_key", "user", "job"})
      cells.push_back(quoted(text_of(line, member)));
    cells.push_back(quoted(text_of(access, "action")));
    cells.push_back(quoted(text_of(access, "resource")));
    cells.push_back(quoted(text_of(line, "peer")));
    cells.push_back(line.contains("status") ? to_text(line.at("status")) : std::string());
    cells.push_back(quoted(text_of(line, "error")));
    std::cout << join(cells, ",") << '\n';
  }
}

/// The files of the days asked for, in order.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& directory,
                                            const std::optional<Time>& since,
                                            const std::optional<Time>& until) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
    const std::string day = entry.path().stem().string();
    if (entry.path().extension() != ".jsonl") continue;
    if (since && day < iso8601(*since).substr(0, 10)) continue;
    if (until && day > iso8601(*until).substr(0, 10)) continue;
    files.push_back(entry.path());
  }
  if (failure) {
    throw Error(Blame::Customer,
                "there is no audit log in " + directory.string() +
                    ". A daemon keeps one in its data directory; name that with --data-dir.");
  }
  std::sort(files.begin(), files.end());
  return files;
}

void export_log(const std::filesystem::path& data_dir, const ExportOptions& options) {
  const std::optional<Time> since = time_of("--since", options.since);
  const std::optional<Time> until = time_of("--until", options.until);
  if (options.format == "csv") {
    std::cout << "time,account,arn,access_key,user,job,action,resource,peer,status,error\n";
  }
  for (const auto& path : files_of(DaemonFiles{data_dir}.audit(), since, until)) {
    std::ifstream file(path);
    if (!file) {
      throw Error(Blame::Customer,
                  path.string() +
                      ": cannot be read. The log is its owner's alone: run this as "
                      "the user of the daemon.");
    }
    std::string text;
    for (std::int64_t number = 1; std::getline(file, text); ++number) {
      const std::optional<Json> line = line_of(text);
      if (!line) {
        std::cerr << "millrace: " << path.string() << ", line " << number
                  << ": damaged and left out\n";
        continue;
      }
      const Time at = parse_iso8601(text_of(*line, "time")).value();
      if ((since && at < *since) || (until && at >= *until)) continue;
      if (!options.who.empty() && !concerns(*line, options.who)) continue;
      if (!options.resource.empty() && text.find(options.resource) == std::string::npos) continue;
      print(*line, text, options);
    }
  }
}

}  // namespace

void add_audit_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* audit = app.add_subcommand("audit", "Who read or wrote what");
  audit->require_subcommand(1);
  CLI::App* verb = audit->add_subcommand("export", "Print the audit log");
  verb->footer(
      "Reads the log's files in the data directory, whether a daemon runs or not.\n\n"
      "Examples:\n"
      "  millrace audit export --since 2026-11-28 --format csv > audit.csv\n"
      "  millrace audit export --who anna --resource arn:aws:s3:::data/\n");
  auto options = std::make_shared<ExportOptions>();
  verb->add_option("--since", options->since, "From this day or time on, in UTC")
      ->type_name("TIME");
  verb->add_option("--until", options->until, "Before this day or time")->type_name("TIME");
  verb->add_option("--who", options->who, "Part of a user, job, key or ARN")->type_name("TEXT");
  verb->add_option("--resource", options->resource, "Part of a resource or action")
      ->type_name("TEXT");
  verb->add_option("--format", options->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  add_data_dir_option(*verb, data_dir);
  verb->callback([&data_dir, options] { export_log(data_dir, *options); });
}

}  // namespace millrace::cli
