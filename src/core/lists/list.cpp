#include "core/lists/list.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::lists {

List List::parse(std::string bytes, std::string origin) {
  return parse_lines(std::move(bytes), std::move(origin), nullptr);
}

List List::parse(std::string bytes, std::string origin, std::vector<StrayLine>& strays) {
  return parse_lines(std::move(bytes), std::move(origin), &strays);
}

List List::parse_lines(std::string bytes, std::string origin, std::vector<StrayLine>* strays) {
  List list;
  list.origin_ = std::move(origin);
  std::string_view rest = list.store_.keep(std::move(bytes));
  // Grown step by step, the rows of a long list would be copied as often as its bytes are read. A
  // file of blank lines must not ask for ten times its size: the shortest row is "0\t0\ta".
  constexpr std::size_t kShortestLine = 6;
  const auto lines = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')) + 1;
  list.rows_.reserve(std::min(lines, rest.size() / kShortestLine + 1));
  std::vector<float> labels;
  for (std::int64_t line = 1; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (trim(text).empty()) continue;
    try {
      LstRow row = parse_lst_line(text, list.origin_, line, labels);
      row.labels = list.store_.keep(row.labels);
      list.rows_.push_back(row);
    } catch (const Error& error) {
      if (strays == nullptr) throw;
      strays->push_back({.line = line, .problem = error.what()});
    }
  }
  return list;
}

std::string place_of(const LstRow& row, std::string_view origin) {
  if (row.line == 0) return "row with index " + std::to_string(row.index);
  return std::string(origin) + ", line " + std::to_string(row.line);
}

std::string labels_text(std::span<const float> labels, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) text += ", ";
    if (i == most) return text + "...";
    text += label_text(labels[i]);
  }
  return text;
}

}  // namespace millrace::lists
