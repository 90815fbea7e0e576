#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::runner {

/// A metric of the job: group 1 of `pattern`, searched in every line of output, is its value.
struct MetricDefinition {
  std::string name;
  std::string pattern;  ///< Perl-compatible, as Python's `re` reads it
};

/// One value read from a line.
struct MetricValue {
  std::string_view name;  ///< of the definition; valid as long as the patterns
  double value;
};

/// Searches every line for every metric of a job. The first match in a line counts; a match without
/// group 1, or whose group is no finite number, is ignored, and so is a search that needs more than
/// a fixed number of steps: a careless pattern must not hold up the program's output.
class MetricPatterns {
 public:
  explicit MetricPatterns(const std::vector<MetricDefinition>& definitions);
  MetricPatterns(const MetricPatterns&) = delete;
  MetricPatterns& operator=(const MetricPatterns&) = delete;
  ~MetricPatterns();

  /// `line` must be valid UTF-8.
  void search(std::string_view line, const std::function<void(const MetricValue&)>& found) const;

  /// One sentence for each pattern that is no regular expression; such a metric has no values.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Pattern;
  std::vector<Pattern> patterns_;
  std::vector<std::string> problems_;
};

}  // namespace millrace::runner
