#include "core/data/lst.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

/// Where a column stands; put into words for messages only, since millions of lines are right.
struct Place {
  std::string_view origin;
  std::int64_t line;

  [[nodiscard]] std::string text() const {
    return std::string(origin) + ", line " + std::to_string(line);
  }
  [[nodiscard]] std::string text(std::size_t column) const {
    return text() + ", column " + std::to_string(column);
  }
};

std::uint64_t parse_index(std::string_view text, const Place& place) {
  const std::optional<std::int64_t> index = parse_int(text);
  if (!index || *index < 0) {
    refuse(place.text(1), text, "the index of the image, a whole number of at least 0",
           "Number the lines, each with a number of its own.");
  }
  return static_cast<std::uint64_t>(*index);
}

std::optional<float> label_of(std::string_view text) {
  const std::optional<double> label = parse_double(text);
  if (!label || !(std::abs(*label) <= std::numeric_limits<float>::max())) return std::nullopt;
  return static_cast<float>(*label);
}

float parse_label(std::string_view text, const Place& place, std::size_t column) {
  const std::optional<float> label = label_of(text);
  if (!label) {
    refuse(place.text(column), text, "a label, a finite number",
           "Only the last column is text: the path of the image.");
  }
  return *label;
}

/// Takes the first column off `rest`; what is behind the last tab is no column of its own to it.
std::string_view next_column(std::string_view& rest) {
  const std::size_t tab = std::min(rest.find('\t'), rest.size());
  const std::string_view column = rest.substr(0, tab);
  rest.remove_prefix(std::min(tab + 1, rest.size()));
  return column;
}

std::string format_line(const LstRow& row) {
  std::string text = std::to_string(row.index);
  for (const float label : row.labels) text.append("\t").append(label_text(label));
  return text.append("\t").append(row.path);
}

/// `column` with the spaces around it, and `value` in place of what stood between them.
void append_respelled(std::string& line, std::string_view column, std::string_view value) {
  const std::string_view inner = trim(column);
  const auto lead = static_cast<std::size_t>(inner.data() - column.data());
  line.append(column.substr(0, lead)).append(value).append(column.substr(lead + inner.size()));
}

/// The text of `row` with the columns exchanged that no longer say what the row says; `said` is
/// what they said, with as many labels.
void respell(const LstRow& said, const LstRow& row, std::string& line) {
  std::string_view rest = trim(row.text);
  const auto lead = static_cast<std::size_t>(rest.data() - row.text.data());
  const std::string_view tail = row.text.substr(lead + rest.size());
  line = row.text.substr(0, lead);
  const std::string_view index = next_column(rest);
  append_respelled(line, index, said.index == row.index ? trim(index) : std::to_string(row.index));
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    const std::string_view label = next_column(rest);
    line += '\t';
    append_respelled(line, label,
                     said.labels[i] == row.labels[i] ? trim(label) : label_text(row.labels[i]));
  }
  line += '\t';
  append_respelled(line, rest, row.path);
  line += tail;
}

void check_writable(const LstRow& row) {
  const std::string_view path = row.path;
  const auto where = [&] { return "list entry " + std::to_string(row.index); };
  if (row.labels.empty()) refuse(where(), {}, "at least one label", {});
  for (const float label : row.labels) {
    if (!std::isfinite(label)) refuse(where(), label_text(label), "finite labels", {});
  }
  if (row.index > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    refuse(where(), std::to_string(row.index), "an index below 2^63", "Number the entries from 0.");
  }
  if (path.empty() || trim(path) != path ||
      path.find_first_of(std::string_view("\t\n\0", 3)) != std::string_view::npos) {
    refuse(where(), path, "a path without tabs, line breaks and spaces at its ends",
           "Rename the file.");
  }
}

}  // namespace

std::string label_text(float label) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, label).ptr};
}

LstRow row_of(const LstEntry& entry) {
  return {.index = entry.index,
          .labels = entry.labels,
          .path = entry.path,
          .line = entry.line,
          .text = entry.text};
}

LstRow parse_lst_line(std::string_view text, std::string_view origin, std::int64_t line,
                      std::vector<float>& labels) {
  const Place place{origin, line};
  const std::string_view columns = trim(text);
  const std::size_t last = columns.rfind('\t');
  if (last == std::string_view::npos || columns.find('\t') == last) {
    refuse(place.text(), columns, "index, label and path, separated by tabs",
           last == std::string_view::npos
               ? "Put a tab between the columns; spaces do not separate them."
               : "Add the missing column.");
  }
  std::string_view rest = columns.substr(0, last);
  LstRow row{.index = parse_index(trim(next_column(rest)), place),
             .labels = {},
             .path = trim(columns.substr(last + 1)),
             .line = line,
             .text = text};
  labels.clear();
  for (const char* end = rest.data() + rest.size();;) {
    const std::string_view column = next_column(rest);
    labels.push_back(parse_label(trim(column), place, labels.size() + 2));
    if (column.data() + column.size() == end) break;
  }
  row.labels = labels;
  if (row.path.find('\0') != std::string_view::npos) {
    refuse(place.text(labels.size() + 2), row.path, "a path without NUL bytes",
           "The list is damaged: make it again.");
  }
  return row;
}

bool leads_outside(std::string_view path) {
  if (path.starts_with('/')) return true;
  const std::vector<std::string_view> parts = split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

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
    const LstRow row = parse_lst_line(entry_.text, origin_, line_, entry_.labels);
    entry_.index = row.index;
    entry_.path = row.path;
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
      Place{origin, std::next(twice)->second}.text(1), std::to_string(twice->first),
      "an index of its own for each image: line " + std::to_string(twice->second) + " has the same",
      "Number the lines again.");
}

void LstWriter::write_row(const LstRow& row) {
  check_writable(row);
  if (row.text.empty()) {
    line_ = format_line(row);
  } else {
    const LstRow said = parse_lst_line(row.text, "line", row.line, said_);
    if (said.labels.size() == row.labels.size())
      respell(said, row, line_);
    else
      line_ = format_line(row);
  }
  line_ += '\n';
  sink_.write(line_);
}

}  // namespace millrace
