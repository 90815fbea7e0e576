#pragma once

#include <memory>
#include <string_view>

namespace millrace::aws {

/// A `pattern` of a service model, compiled. Models are written for java.util.regex; the few spellings that PCRE2 does
/// not know (\p{Alnum}, \uHHHH) are translated. Always matches against the whole string.
class Pattern {
 public:
  /// Throws Error(Platform) naming the pattern when it cannot be compiled.
  explicit Pattern(std::string_view pattern);

  /// False also when the text is not valid UTF-8, or when the search would cost more than a fixed number of steps.
  /// Many threads at once.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  std::shared_ptr<const void> code_;
};

}  // namespace millrace::aws
