#include "platform/runner/serving/last_lines.h"

#include "core/base/text.h"

namespace millrace::runner {
namespace {

constexpr std::size_t kLines = 8;
constexpr std::size_t kLineBytes = 200;
/// Of a reason's 1024.
constexpr std::size_t kBytes = 600;

}  // namespace

void LastLines::add(std::string_view line) {
  if (trim(line).empty()) return;
  lines_.with([&](auto& lines) {
    lines.push_back(printable(trim(line), kLineBytes));
    if (lines.size() > kLines) lines.pop_front();
  });
}

std::string LastLines::sentence() const {
  const std::deque<std::string> lines = lines_.with([](const auto& kept) { return kept; });
  // The last one is the one that says why.
  std::string text;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (text.size() + line->size() > kBytes) break;
    text = text.empty() ? *line : *line + " | " + text;
  }
  return text.empty() ? "" : " Its last lines: " + text;
}

}  // namespace millrace::runner
