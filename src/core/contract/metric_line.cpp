#include "core/contract/metric_line.h"

#include "core/base/text.h"

namespace millrace {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// N when `rest`, which follows the word, goes on as "[N]", "=N", ": N" or " N".
std::optional<std::int64_t> step_after_word(std::string_view rest) {
  if (rest.empty()) return std::nullopt;
  const char separator = rest.front();
  if (separator != '[' && separator != '=' && separator != ':' && separator != ' ')
    return std::nullopt;
  rest.remove_prefix(1);
  if (separator != '[' && separator != ' ' && !rest.empty() && rest.front() == ' ')
    rest.remove_prefix(1);
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  if (digits == 0) return std::nullopt;
  if (separator == '[' && (digits == rest.size() || rest[digits] != ']')) return std::nullopt;
  return parse_int(rest.substr(0, digits));
}

}  // namespace

std::optional<std::int64_t> step_of_line(std::string_view line) {
  constexpr std::string_view kWord = "epoch";
  for (std::size_t at = 0; at + kWord.size() < line.size(); ++at) {
    if ((line[at] != 'e' && line[at] != 'E') || (at > 0 && is_word(line[at - 1]))) continue;
    if (!equal_ignoring_case(line.substr(at, kWord.size()), kWord)) continue;
    if (const auto step = step_after_word(line.substr(at + kWord.size()))) return step;
  }
  return std::nullopt;
}

}  // namespace millrace
