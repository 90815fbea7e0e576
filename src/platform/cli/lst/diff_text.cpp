#include "platform/cli/lst/diff_text.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <vector>

#include "core/base/text.h"
#include "core/lists/list.h"
#include "platform/cli/lst/list_file.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kReset = "\x1b[0m";

std::string_view colour_of(char sign) {
  switch (sign) {
    case '+':
      return "\x1b[32m";
    case '-':
      return "\x1b[31m";
    case '~':
      return "\x1b[33m";
    default:
      return "\x1b[36m";
  }
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t length = utf8_length(text);
  return length < width ? text + std::string(width - length, ' ') : text;
}

/// Which of a row's label columns changed, for rows that have too many to show them all.
std::string changed_columns(std::span<const float> before, std::span<const float> after) {
  constexpr std::size_t kMostShown = 4;
  std::string text;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    if (shown++ > 0) text += ", ";
    if (shown > kMostShown) return text + "...";
    text +=
        "label[" + std::to_string(i) + "] " + label_text(before[i]) + " -> " + label_text(after[i]);
  }
  return text;
}

std::string index_of(const lists::Change& change) {
  if (change.added()) return std::to_string(change.after->index);
  std::string text = std::to_string(change.before->index);
  if (change.renumbered) text += " -> " + std::to_string(change.after->index);
  return text;
}

std::string path_of(const lists::Change& change) {
  constexpr std::size_t kMostBytes = 4096;
  if (change.added()) return printable(change.after->path, kMostBytes);
  std::string text = printable(change.before->path, kMostBytes);
  if (change.moved || change.replaced) text += " -> " + printable(change.after->path, kMostBytes);
  return text;
}

}  // namespace

bool wants_colour(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

char sign_of(const lists::Change& change) {
  if (change.added()) return '+';
  if (change.removed()) return '-';
  if (change.moved) return '>';
  if (change.replaced) return '!';
  return change.relabelled ? '~' : '#';
}

std::string labels_of(const lists::Change& change) {
  if (!change.relabelled)
    return lists::labels_text(change.added() ? change.after->labels : change.before->labels);
  const std::span<const float> before = change.before->labels, after = change.after->labels;
  if (before.size() == after.size() && before.size() > 1) return changed_columns(before, after);
  return lists::labels_text(before) + " -> " + lists::labels_text(after);
}

std::string counts_text(const lists::Diff& diff) {
  const lists::DiffCounts& counts = diff.counts;
  std::vector<std::string> parts;
  const auto part = [&](std::int64_t count, const char* what) {
    if (count > 0) parts.push_back(grouped(count) + " " + what);
  };
  part(counts.added, "added");
  part(counts.removed, "removed");
  part(counts.relabelled, "relabelled");
  part(counts.moved, "moved");
  part(counts.replaced, "replaced");
  part(counts.renumbered, "renumbered");
  part(counts.reordered, "in another place");
  if (parts.empty()) return "the same";
  return join(parts, ", ") + "; " + grouped(counts.unchanged) + " unchanged";
}

void DiffText::line(char sign, std::string_view text) {
  if (options_.colour) text_.append(colour_of(sign));
  text_.append(text);
  if (options_.colour) text_.append(kReset);
  text_ += '\n';
}

void DiffText::change(const lists::Change& change) {
  const char sign = sign_of(change);
  line(sign, std::string(1, sign) + " " + padded(index_of(change), 8) + " " +
                 padded(labels_of(change), 7) + " " + path_of(change));
}

void DiffText::totals(const lists::Diff& diff) {
  for (const auto& [labels, count] : diff.relabelled) {
    text_ += "label " + label_text(labels.first) + " -> " + label_text(labels.second) + ": " +
             rows_text(count) + "\n";
  }
  text_ += counts_text(diff) + "\n";
}

void DiffText::add(std::string_view before_name, std::span<const LstRow> before,
                   std::string_view after_name, std::span<const LstRow> after,
                   const lists::Diff& diff) {
  const auto rows = [](std::span<const LstRow> list) {
    return "  " + rows_text(static_cast<std::int64_t>(list.size()));
  };
  line('-', "--- " + std::string(before_name) + rows(before));
  line('+', "+++ " + std::string(after_name) + rows(after));
  if (!options_.summary) {
    const auto most = options_.most > 0 ? static_cast<std::size_t>(options_.most)
                                        : std::numeric_limits<std::size_t>::max();
    const std::size_t shown = std::min(most, diff.changes.size());
    for (std::size_t i = 0; i < shown; ++i) change(diff.changes[i]);
    if (shown < diff.changes.size())
      text_ +=
          "... and " + rows_text(static_cast<std::int64_t>(diff.changes.size() - shown)) + "\n";
  }
  totals(diff);
}

}  // namespace millrace::cli
