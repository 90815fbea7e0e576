#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::aws {

/// The decoded parameters of a URI's query or of a form body, in the order sent.
class Parameters {
 public:
  /// "a=b&c": '+' is a space, a name without '=' has an empty value. Throws Error(Customer, InvalidURI) for a malformed
  /// escape or more than 100,000 parameters.
  explicit Parameters(std::string_view text);

  /// The first value of that name; nullptr when absent.
  [[nodiscard]] const std::string* find(std::string_view name) const;

  [[nodiscard]] auto begin() const { return pairs_.begin(); }
  [[nodiscard]] auto end() const { return pairs_.end(); }
  [[nodiscard]] bool empty() const { return pairs_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace millrace::aws
