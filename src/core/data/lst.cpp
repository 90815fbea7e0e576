#include "core/data/lst.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr std::size_t kMinColumns = 3;

[[noreturn]] void refuse(std::string where, std::string_view given, std::string expected,
                         std::string fix) {
  throw Error(Blame::Customer, Problem{.where = std::move(where),
                                       .given = std::string(given),
                                       .expected = std::move(expected),
                                       .fix = std::move(fix)});
}

std::string column_name(const std::string& place, std::size_t column) {
  return place + ", column " + std::to_string(column);
}

std::uint64_t parse_index(std::string_view text, const std::string& place) {
  const std::optional<std::int64_t> index = parse_int(text);
  if (!index || *index < 0) {
    refuse(column_name(place, 1), text, "the index of the image, a whole number of at least 0",
           "Number the lines, each with a number of its own.");
  }
  return static_cast<std::uint64_t>(*index);
}

float parse_label(std::string_view text, const std::string& place, std::size_t column) {
  const std::optional<double> label = parse_double(text);
  if (!label || !(std::abs(*label) <= std::numeric_limits<float>::max())) {
    refuse(column_name(place, column), text, "a label, a finite number",
           "Only the last column is text: the path of the image.");
  }
  return static_cast<float>(*label);
}

/// The columns of `text` into `entry`; `place` is "<origin>, line <n>".
void parse_line(std::string_view text, const std::string& place, LstEntry& entry) {
  const std::vector<std::string_view> columns = split(trim(text), '\t');
  if (columns.size() < kMinColumns) {
    refuse(place, text, "index, label and path, separated by tabs",
           columns.size() == 1 ? "Put a tab between the columns; spaces do not separate them."
                               : "Add the missing column.");
  }
  entry.index = parse_index(trim(columns[0]), place);
  entry.labels.clear();
  for (std::size_t i = 1; i + 1 < columns.size(); ++i)
    entry.labels.push_back(parse_label(trim(columns[i]), place, i + 1));
  entry.path = trim(columns.back());
  if (entry.path.find('\0') != std::string::npos) {
    refuse(column_name(place, columns.size()), entry.path, "a path without NUL bytes",
           "The list is damaged: make it again.");
  }
}

std::string format_line(const LstEntry& entry) {
  std::string text = std::to_string(entry.index);
  for (const float label : entry.labels) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, label).ptr;
    text.append("\t").append(digits, end);
  }
  return text + "\t" + entry.path;
}

bool says(std::string_view text, const LstEntry& entry) {
  LstEntry said;
  parse_line(text, "line", said);
  return said.index == entry.index && said.labels == entry.labels && said.path == entry.path;
}

void check_writable(const LstEntry& entry) {
  const std::string where = "list entry " + std::to_string(entry.index);
  if (entry.labels.empty()) refuse(where, {}, "at least one label", {});
  for (const float label : entry.labels) {
    if (!std::isfinite(label)) refuse(where, number_text(label), "finite labels", {});
  }
  if (entry.path.empty() || trim(entry.path) != entry.path ||
      entry.path.find_first_of(std::string_view("\t\n\0", 3)) != std::string::npos) {
    refuse(where, entry.path, "a path without tabs, line breaks and spaces at its ends",
           "Rename the file.");
  }
}

}  // namespace

std::int64_t path_column(const LstEntry& entry) {
  return static_cast<std::int64_t>(entry.labels.size()) + 2;
}

LstReader::LstReader(ByteSource& source, std::string origin)
    : source_(source), origin_(std::move(origin)) {}

bool LstReader::read_line() {
  entry_.text.clear();
  for (;;) {
    const std::size_t end = block_.find('\n', consumed_);
    const std::size_t stop = end == std::string::npos ? block_.size() : end;
    if (entry_.text.size() + (stop - consumed_) > kMaxLineBytes) {
      refuse(origin_ + ", line " + std::to_string(line_ + 1), "a longer line",
             "a line of at most " + std::to_string(kMaxLineBytes) + " bytes",
             "Check that the file is a list: index, label and path on each line.");
    }
    entry_.text.append(block_, consumed_, stop - consumed_);
    consumed_ = stop;
    if (end != std::string::npos) {
      ++consumed_;
      break;
    }
    block_.resize(kBlockBytes);
    block_.resize(source_.read(block_));
    consumed_ = 0;
    if (!block_.empty()) continue;
    if (entry_.text.empty()) return false;
    break;
  }
  ++line_;
  return true;
}

const LstEntry* LstReader::next() {
  while (read_line()) {
    if (trim(entry_.text).empty()) continue;
    entry_.line = line_;
    parse_line(entry_.text, origin_ + ", line " + std::to_string(line_), entry_);
    return &entry_;
  }
  return nullptr;
}

void LstIndices::check_unique(const std::string& origin) {
  std::sort(indices_.begin(), indices_.end());
  const auto twice =
      std::adjacent_find(indices_.begin(), indices_.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice == indices_.end()) return;
  refuse(
      column_name(origin + ", line " + std::to_string(std::next(twice)->second), 1),
      std::to_string(twice->first),
      "an index of its own for each image: line " + std::to_string(twice->second) + " has the same",
      "Number the lines again.");
}

void LstWriter::write(const LstEntry& entry) {
  check_writable(entry);
  sink_.write(!entry.text.empty() && says(entry.text, entry) ? entry.text : format_line(entry));
  sink_.write(std::string_view("\n"));
}

}  // namespace millrace
