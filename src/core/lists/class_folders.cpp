#include "core/lists/class_folders.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/form.h"

namespace millrace::lists {
namespace {

constexpr const char* kFix = "Write a line a class: label, tab, name.";

}  // namespace

std::string_view class_folder(std::string_view path, ClassFolder which) {
  const std::size_t last = path.rfind('/');
  if (last == std::string_view::npos) return {};
  return path.substr(0, which == ClassFolder::First ? path.find('/') : last);
}

ClassNames number_classes(const std::vector<std::string>& folders) {
  ClassNames names;
  for (const std::string& folder : folders) names.emplace(folder, 0);
  std::set<std::int64_t> numbers;
  const bool numbered = std::all_of(names.begin(), names.end(), [&](const auto& name) {
    const std::optional<std::int64_t> number = parse_class_id(name.first);
    return number && numbers.insert(*number).second;  // 7/ and 007/ are two classes
  });
  std::int64_t next = 0;
  for (auto& [name, label] : names) label = numbered ? *parse_class_id(name) : next++;
  return names;
}

ClassNames parse_class_names(std::string_view text, std::string_view origin) {
  ClassNames names;
  std::set<std::int64_t> labels;
  std::int64_t number = 0;
  std::optional<bool> labelled;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    const std::string where = std::string(origin) + ", line " + std::to_string(number);
    const std::size_t tab = line.find('\t');
    const bool has_label = tab != std::string_view::npos;
    if (labelled.value_or(has_label) != has_label)
      refuse(where, line, *labelled ? "label, tab, name" : "a name alone, as the lines before",
             kFix);
    labelled = has_label;
    std::int64_t label = static_cast<std::int64_t>(names.size());
    if (has_label) {
      const std::optional<std::int64_t> given = parse_class_id(trim(line.substr(0, tab)));
      if (!given) {
        refuse(where, line.substr(0, tab),
               "a label, a whole number from 0 to " + std::to_string(kMaxClassId), kFix);
      }
      label = *given;
      line = trim(line.substr(tab + 1));
    }
    if (!labels.insert(label).second)
      refuse(where, std::to_string(label), "a label that no other class has", kFix);
    if (!names.emplace(line, label).second)
      refuse(where, line, "a name that no other class has", kFix);
  }
  return names;
}

std::string format_class_names(const ClassNames& names) {
  std::map<std::int64_t, std::string> by_label;
  for (const auto& [name, label] : names) by_label.emplace(label, name);
  std::string text;
  for (const auto& [label, name] : by_label)
    text.append(std::to_string(label)).append("\t").append(name).append("\n");
  return text;
}

}  // namespace millrace::lists
