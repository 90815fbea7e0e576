#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::logs {

/// CloudWatch's filter patterns for unstructured lines: words that must all occur, in any order and
/// with regard to case; "several words" in quotes; ?a ?b of which one must occur; -a that must not.
/// Empty matches everything.
///
/// Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax".
class FilterPattern {
 public:
  /// Throws Error(Customer, InvalidParameterException) for an unfinished quotation and for the
  /// patterns that are not supported: JSON fields {...}, columns [...] and regular expressions
  /// %...%.
  explicit FilterPattern(std::string_view text);

  [[nodiscard]] bool matches(std::string_view message) const;

 private:
  std::vector<std::string> all_;
  std::vector<std::string> any_;
  std::vector<std::string> none_;
};

}  // namespace millrace::logs
