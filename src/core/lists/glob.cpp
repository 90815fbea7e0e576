#include "core/lists/glob.h"

#include <cstddef>

namespace millrace::lists {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

/// Bytes of the UTF-8 character at the front, so that `?` takes an umlaut whole.
std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  if (static_cast<unsigned char>(text[0]) < 0xC0) return length;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    ++length;
  return length;
}

/// The length of the set "[...]" at the front; 0 when it is not closed and so is no set.
std::size_t set_length(std::string_view pattern) {
  std::size_t at = 1;
  if (at < pattern.size() && pattern[at] == '!') ++at;
  const std::size_t end = pattern.find(']', at + 1);  // a ']' that comes first is a member
  return end == kNone ? 0 : end + 1;
}

bool in_set(char byte, std::string_view set) {
  std::string_view members = set.substr(1, set.size() - 2);
  const bool outside = members.starts_with('!');
  if (outside) members.remove_prefix(1);
  const auto code = [](char c) { return static_cast<unsigned char>(c); };
  bool found = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      found |= code(members[i]) <= code(byte) && code(byte) <= code(members[i + 2]);
      i += 2;
    } else {
      found |= members[i] == byte;
    }
  }
  return found != outside;
}

struct Step {
  std::size_t text = 0;     ///< bytes taken of the text; 0 when it does not fit
  std::size_t pattern = 0;  ///< and of the pattern
};

/// One character against what stands at the front of the pattern, which is no `*`.
Step step(std::string_view text, std::string_view pattern) {
  if (pattern[0] == '?') return {character_length(text), 1};
  const std::size_t set = pattern[0] == '[' ? set_length(pattern) : 0;
  if (set > 0) return {in_set(text[0], pattern.substr(0, set)) ? std::size_t{1} : 0, set};
  return {text[0] == pattern[0] ? std::size_t{1} : 0, 1};
}

}  // namespace

bool matches_glob(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, in_pattern = 0;
  // A later `*` can make up for whatever an earlier one took, so only the last is ever tried again.
  std::size_t star = kNone, star_text = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = ++in_pattern;
      star_text = at;
      continue;
    }
    const Step taken =
        in_pattern < pattern.size() ? step(text.substr(at), pattern.substr(in_pattern)) : Step{};
    if (taken.text > 0) {
      at += taken.text;
      in_pattern += taken.pattern;
    } else if (star != kNone) {
      in_pattern = star;
      at = star_text += character_length(text.substr(star_text));
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

}  // namespace millrace::lists
