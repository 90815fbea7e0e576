#include "platform/logs/log_token.h"

#include "core/base/text.h"

namespace millrace::logs {
namespace {

constexpr std::size_t kTimeDigits = 16;
constexpr std::size_t kSequenceDigits = 19;

std::string digits(std::int64_t number, std::size_t width) {
  const std::string text = std::to_string(number);
  return text.size() >= width ? text : std::string(width - text.size(), '0') + text;
}

std::optional<std::int64_t> number(std::string_view text) {
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return parse_int(text);
}

std::string position_text(const records::LogPosition& position) {
  return digits(position.at, kTimeDigits) + digits(position.sequence, kSequenceDigits);
}

std::optional<records::LogPosition> parse_position(std::string_view text) {
  if (text.size() != kTimeDigits + kSequenceDigits) return std::nullopt;
  const auto at = number(text.substr(0, kTimeDigits));
  const auto sequence = number(text.substr(kTimeDigits));
  if (!at || !sequence) return std::nullopt;
  return records::LogPosition{.at = *at, .sequence = *sequence};
}

}  // namespace

std::string LogToken::text() const {
  return (direction == Direction::Forward ? "f/" : "b/") + position_text(position);
}

std::optional<LogToken> LogToken::parse(std::string_view text) {
  if (!text.starts_with("f/") && !text.starts_with("b/")) return std::nullopt;
  const auto position = parse_position(text.substr(2));
  if (!position) return std::nullopt;
  return LogToken{.direction = text.front() == 'f' ? Direction::Forward : Direction::Backward,
                  .position = *position};
}

std::string SearchToken::text() const {
  return "s/" + position_text(position) + digits(stream, kSequenceDigits);
}

std::optional<SearchToken> SearchToken::parse(std::string_view text) {
  constexpr std::size_t kPositionDigits = kTimeDigits + kSequenceDigits;
  if (!text.starts_with("s/") || text.size() != 2 + kPositionDigits + kSequenceDigits)
    return std::nullopt;
  const auto position = parse_position(text.substr(2, kPositionDigits));
  const auto stream = number(text.substr(2 + kPositionDigits));
  if (!position || !stream) return std::nullopt;
  return SearchToken{.position = *position, .stream = *stream};
}

}  // namespace millrace::logs
