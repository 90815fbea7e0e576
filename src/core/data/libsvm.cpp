#include "core/data/libsvm.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/error.h"
#include "core/data/csv_number.h"

namespace millrace {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr const char* kLineForm = "A line is 'label index:value index:value ...'.";

/// Takes the characters up to the next blank off the front, and the blanks before them.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

void append_number(std::string& out, float value) {
  char text[16];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

}  // namespace

LibsvmReader::LibsvmReader(ByteSource& source, std::string origin, LibsvmOptions options)
    : lines_(source, std::move(origin)), options_(options) {}

std::optional<std::string_view> LibsvmReader::next_line() {
  while (const std::string_view* line = lines_.next()) {
    const std::string_view row = line->substr(0, line->find('#'));
    if (row.find_first_not_of(kBlanks) != std::string_view::npos) return row;
  }
  return std::nullopt;
}

float LibsvmReader::parse_number(std::string_view text, const char* what) const {
  float value = 0;
  if (parse_csv_number(text, NonFinite::Refuse, value) != NumberFlaw::None) {
    lines_.refuse(text.data(), std::string(text), std::string("a finite number as ") + what,
                  kLineForm);
  }
  return value;
}

float LibsvmReader::take_label(std::string_view& line) const {
  const std::string_view word = take_word(line);
  if (word.find(':') != std::string_view::npos) {
    lines_.refuse(word.data(), std::string(word), "a label without a colon",
                  "Begin each line with its label; weights of rows are not supported.");
  }
  if (word.find(',') != std::string_view::npos) {
    lines_.refuse(word.data(), std::string(word), "one label", "Several labels are not supported.");
  }
  return parse_number(word, "label");
}

std::int64_t LibsvmReader::parse_index(std::string_view text) const {
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const std::int64_t base = options_.index_base;
  const std::int64_t last = options_.columns ? *options_.columns - 1 + base : kMaxLibsvmIndex;
  if (error == std::errc() && end == text.data() + text.size() && !text.empty() && index >= base &&
      index <= last) {
    return index - base;
  }
  lines_.refuse(text.data(), std::string(text),
                "an index from " + std::to_string(base) + " to " + std::to_string(last),
                index == 0 && text == "0"
                    ? "This file counts columns from 0: read it with index base 0."
                    : kLineForm);
}

void LibsvmReader::take_pairs(std::string_view line, std::vector<std::int64_t>& indices,
                              std::vector<float>& values) {
  std::int64_t previous = -1;
  for (;;) {
    const std::string_view word = take_word(line);
    if (word.empty()) return;
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos)
      lines_.refuse(word.data(), std::string(word), "index:value", kLineForm);
    if (word.substr(0, colon) == "qid") {
      lines_.refuse(word.data(), std::string(word), "no 'qid': ranking is not supported",
                    "Take the query ids out.");
    }
    const std::int64_t index = parse_index(word.substr(0, colon));
    if (index <= previous) {
      lines_.refuse(word.data(), std::string(word.substr(0, colon)),
                    "an index above " + std::to_string(previous + options_.index_base) +
                        ", the one before it",
                    "Sort the indices of each line; none may come twice.");
    }
    previous = index;
    indices.push_back(index);
    values.push_back(parse_number(word.substr(colon + 1), "value"));
    if (index >= columns_seen_) columns_seen_ = index + 1;
  }
}

bool LibsvmReader::read(SparseBatch& batch, std::int64_t max_rows) {
  batch.rows = 0;
  batch.label_columns = 1;
  batch.row_starts.assign(1, 0);
  batch.indices.clear();
  batch.values.clear();
  batch.labels.clear();
  for (; batch.rows < max_rows; ++batch.rows) {
    std::optional<std::string_view> line = next_line();
    if (!line) break;
    batch.labels.push_back(take_label(*line));
    take_pairs(*line, batch.indices, batch.values);
    batch.row_starts.push_back(static_cast<std::int64_t>(batch.values.size()));
  }
  batch.columns = options_.columns.value_or(columns_seen_);
  return batch.rows > 0;
}

bool LibsvmReader::read(Row& row) {
  std::optional<std::string_view> line = next_line();
  if (!line) return false;
  row.labels.assign(1, take_label(*line));
  row.sparse = true;
  row.columns = options_.columns.value_or(0);
  row.indices.clear();
  row.values.clear();
  take_pairs(*line, row.indices, row.values);
  return true;
}

void LibsvmWriter::write(const Row& row) {
  if (row.labels.size() > 1) {
    throw Error(Blame::Customer, Problem{.where = "row",
                                         .given = std::to_string(row.labels.size()) + " labels",
                                         .expected = "at most one, as text/libsvm holds",
                                         .fix = "Choose another format."});
  }
  line_.clear();
  append_number(line_, row.labels.empty() ? 0.0f : row.labels[0]);
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (row.values[i] == 0) continue;
    const std::int64_t index = row.sparse ? row.indices[i] : static_cast<std::int64_t>(i);
    line_ += ' ';
    line_ += std::to_string(index + index_base_);
    line_ += ':';
    append_number(line_, row.values[i]);
  }
  line_ += '\n';
  sink_.write(line_);
}

}  // namespace millrace
