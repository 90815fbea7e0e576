#pragma once

#include <gtest/gtest.h>
#include <regex.h>

#include <chrono>
#include <cmath>
#include <initializer_list>
#include <map>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/recordio_protobuf.h"
#include "trainer/job/algorithm.h"
#include "trainer/job/job_folder.h"

namespace millrace {

using Settings = std::map<std::string, std::string>;
using Files = std::map<std::string, std::string>;

inline Settings with(Settings settings, const Settings& changes) {
  for (const auto& [name, value] : changes) settings[name] = value;
  return settings;
}

/// Jobs of one tabular algorithm as its tests run them, in this process:
///
///     const TabularJobs jobs{.algorithm = algorithm, .train = train};
///     JobFolder folder({{"k", "4"}});
///     folder.add_channel(kCsvTrain, {{"a.csv", "1,2\n"}});
///     jobs.run(folder);
struct TabularJobs {
  const Algorithm& (*algorithm)();
  void (*train)(Job& job);
  /// What refusal() gives rows as.
  ChannelConfig train_channel{.name = "train", .content_type = "text/csv"};
  ChannelConfig test_channel{.name = "test", .content_type = "text/csv"};

  void run(const JobFolder& folder, std::stop_token stop = {}) const {
    Job job(folder.paths(), std::move(stop));
    algorithm().check(job);
    train(job);
  }
  /// For run_together().
  void operator()(const JobFolder& folder) const { run(folder); }

  /// What the job printed.
  [[nodiscard]] std::string logged(const JobFolder& folder) const {
    testing::internal::CaptureStdout();
    run(folder);
    return testing::internal::GetCapturedStdout();
  }

  /// What the job is refused with, "accepted" where it is not. It must be for the customer to mend.
  [[nodiscard]] std::string refusal(const JobFolder& folder) const {
    try {
      run(folder);
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
      return error.what();
    }
    return "accepted";
  }
  /// Of a job with these files in channel train and, where there are any, these rows in test/t.csv.
  [[nodiscard]] std::string refusal(const Settings& settings, const Files& train_files,
                                    const std::string& held = {}) const {
    JobFolder folder(settings);
    folder.add_channel(train_channel, train_files);
    if (!held.empty()) folder.add_channel(test_channel, {{"t.csv", held}});
    return refusal(folder);
  }
  /// Of a job with these records in train/a.pbr.
  [[nodiscard]] std::string refusal_of_records(const Settings& settings,
                                               const std::vector<Row>& records) const;
};

inline const ChannelConfig kCsvTrain{.name = "train", .content_type = "text/csv"};
inline const ChannelConfig kPipedCsvTrain{
    .name = "train", .input_mode = "Pipe", .content_type = "text/csv"};

inline std::string csv_line(const std::vector<float>& values) {
  std::string text;
  for (const float value : values)
    text += (text.empty() ? "" : ",") + number_text(static_cast<double>(value));
  return text + "\n";
}

inline std::string recordio_protobuf(const std::vector<Row>& rows) {
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  for (const Row& row : rows) writer.write(row);
  return sink.text();
}

inline std::string TabularJobs::refusal_of_records(const Settings& settings,
                                                   const std::vector<Row>& records) const {
  JobFolder folder(settings);
  folder.add_channel({.name = "train"}, {{"a.pbr", recordio_protobuf(records)}});
  return refusal(folder);
}

/// Lines as two files, of which the first ends with the line that byte `at` is in.
inline Files two_files(const std::string& lines, std::size_t at) {
  const std::size_t cut = lines.find('\n', at) + 1;
  return {{"a.csv", lines.substr(0, cut)}, {"b.csv", lines.substr(cut)}};
}

/// The number behind the first `before` in a log; nan where there is none.
inline double figure(const std::string& log, const std::string& before) {
  const std::size_t at = log.find(before);
  if (at == std::string::npos) return std::nan("");
  const std::size_t begin = at + before.size();
  return parse_double(log.substr(begin, log.find_first_of(" )\n", begin) - begin))
      .value_or(std::nan(""));
}

inline void expect_contains(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

/// Whether a metric's pattern finds a number in some line of a log, #metrics records apart.
inline bool finds_a_figure(const MetricSpec& metric, const std::string& log) {
  regex_t pattern;
  if (::regcomp(&pattern, metric.regex.c_str(), REG_EXTENDED) != 0) {
    ADD_FAILURE() << metric.regex << " is no extended regular expression";
    return false;
  }
  bool found = false;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line) && !found;) {
    regmatch_t match[2];
    if (line.starts_with("#metrics") || ::regexec(&pattern, line.c_str(), 2, match, 0) != 0)
      continue;
    const auto begin = static_cast<std::size_t>(match[1].rm_so);
    found = parse_double(line.substr(begin, static_cast<std::size_t>(match[1].rm_eo) - begin))
                .has_value();
  }
  ::regfree(&pattern);
  return found;
}

inline void expect_patterns_find_figures(const Algorithm& algorithm, const std::string& log) {
  for (const MetricSpec& metric : algorithm.metrics)
    EXPECT_TRUE(finds_a_figure(metric, log)) << metric.name << ": " << metric.regex;
}

/// Asks a job to stop from another thread, at some moment of a run that would take long.
class StopSoon {
 public:
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread later_{[this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop_.request_stop();
  }};
};

}  // namespace millrace
