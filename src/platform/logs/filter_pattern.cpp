#include "platform/logs/filter_pattern.h"

#include <algorithm>

#include "core/base/error.h"

namespace millrace::logs {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(Blame::Customer, "InvalidParameterException", "Invalid filter pattern: " + reason);
}

/// Takes one word or quoted phrase from the front.
std::string take_term(std::string_view& text) {
  std::string term;
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find_first_of(kSpace), text.size());
    term = text.substr(0, end);
    text.remove_prefix(end);
    return term;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return term;
    }
    // A backslash lets a phrase hold a quotation mark.
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    term += text[i];
  }
  refuse("a phrase in quotation marks does not end.");
}

bool occurs(std::string_view message, const std::string& term) {
  return message.find(term) != std::string_view::npos;
}

}  // namespace

FilterPattern::FilterPattern(std::string_view text) {
  for (;;) {
    const std::size_t start = text.find_first_not_of(kSpace);
    if (start == std::string_view::npos) return;
    text.remove_prefix(start);
    if (text.front() == '{' || text.front() == '[' || text.front() == '%') {
      refuse(
          "patterns for JSON fields, columns and regular expressions are not supported. Give words "
          "that the lines must "
          "contain, such as: ERROR \"out of memory\" -retrying");
    }
    std::vector<std::string>* terms = &all_;
    if (text.size() > 1 && (text.front() == '?' || text.front() == '-')) {
      terms = text.front() == '?' ? &any_ : &none_;
      text.remove_prefix(1);
    }
    std::string term = take_term(text);
    if (!term.empty()) terms->push_back(std::move(term));
  }
}

bool FilterPattern::matches(std::string_view message) const {
  const auto here = [&](const std::string& term) { return occurs(message, term); };
  return std::all_of(all_.begin(), all_.end(), here) &&
         std::none_of(none_.begin(), none_.end(), here) &&
         (any_.empty() || std::any_of(any_.begin(), any_.end(), here));
}

}  // namespace millrace::logs
