#include "core/schema/field_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::array<std::pair<FieldType, std::string_view>, 4> kTypeNames{{
    {FieldType::Integer, "Integer"},
    {FieldType::Continuous, "Continuous"},
    {FieldType::Categorical, "Categorical"},
    {FieldType::FreeText, "FreeText"},
}};

bool inside(const Range& range, double value) {
  if (range.min && (value < *range.min || (range.min_excluded && value == *range.min)))
    return false;
  return !range.max || value < *range.max || (!range.max_excluded && value == *range.max);
}

Json range_json(FieldType type, const Range& range) {
  const auto number = [&](double value) -> Json {
    if (type == FieldType::Integer) return static_cast<std::int64_t>(value);
    return value;
  };
  Json json = Json::object();
  if (range.min) json["min"] = number(*range.min);
  if (range.max) json["max"] = number(*range.max);
  if (range.min_excluded) json["min_excluded"] = true;
  if (range.max_excluded) json["max_excluded"] = true;
  return json;
}

Range range_from_json(const Json& json) {
  Range range;
  if (json.contains("min")) range.min = json["min"].get<double>();
  if (json.contains("max")) range.max = json["max"].get<double>();
  range.min_excluded = json.value("min_excluded", false);
  range.max_excluded = json.value("max_excluded", false);
  return range;
}

}  // namespace

std::string default_hint(const FieldSpec& field) {
  if (field.required) return {};
  if (field.default_text && !field.default_text->empty())
    return "Leave it out to use " + *field.default_text + ".";
  return "Leave it out if it is not needed.";
}

Range between(double min, double max) {
  return {.min = min, .max = max};
}
Range at_least(double min) {
  return {.min = min, .max = std::nullopt};
}
Range above(double min) {
  return {.min = min, .max = std::nullopt, .min_excluded = true};
}
Range from_to_below(double min, double max) {
  return {.min = min, .max = max, .max_excluded = true};
}
Range inside_of(double min, double max) {
  return {.min = min, .max = max, .min_excluded = true, .max_excluded = true};
}

std::string plain_number(double value) {
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-4 || size >= 1e16)) return number_text(value);
  char text[64];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return {text, end.ptr};
}

std::string expected_number(FieldType type, const Range& range) {
  const std::string kind = type == FieldType::Integer ? "a whole number" : "a number";
  if (range.min && range.max) {
    return kind + (range.min_excluded ? " above " : " from ") + plain_number(*range.min) +
           (range.max_excluded ? " and below " : " to ") + plain_number(*range.max);
  }
  if (range.min)
    return kind + (range.min_excluded ? " above " : " of at least ") + plain_number(*range.min);
  return kind;
}

Json to_json(const FieldSpec& field) {
  Json json = Json::object();
  json["name"] = field.name;
  for (const auto& [type, name] : kTypeNames) {
    if (type == field.type) json["type"] = name;
  }
  if (field.default_text) json["default"] = *field.default_text;
  json["required"] = field.required;
  json["tunable"] = field.tunable;
  if (field.range.min || field.range.max) json["range"] = range_json(field.type, field.range);
  if (!field.choices.empty()) json["choices"] = field.choices;
  json["doc"] = field.doc;
  json["expects"] = field.expects;
  if (field.tunable_range) json["tunable_range"] = range_json(field.type, *field.tunable_range);
  if (field.takes_auto) json["takes_auto"] = true;
  return json;
}

FieldSpec field_from_json(const Json& json, std::string_view origin) {
  FieldSpec field;
  field.name = require_string(json, "name", origin);
  const std::string where = std::string(origin) + ": hyperparameter '" + field.name + "'";
  const std::string type = require_string(json, "type", where);
  const auto* known = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                                   [&](const auto& entry) { return entry.second == type; });
  if (known == kTypeNames.end()) {
    throw Error(Blame::Customer, Problem{.where = where + ": member 'type'",
                                         .given = type,
                                         .expected = "Integer, Continuous, Categorical or FreeText",
                                         .fix = {}});
  }
  field.type = known->first;
  try {
    if (json.contains("default")) field.default_text = json["default"].get<std::string>();
    field.required = json.value("required", false);
    field.tunable = json.value("tunable", false);
    if (json.contains("range")) field.range = range_from_json(json["range"]);
    if (json.contains("choices")) field.choices = json["choices"].get<std::vector<std::string>>();
    field.doc = json.value("doc", "");
    field.expects = json.value("expects", "");
    if (json.contains("tunable_range"))
      field.tunable_range = range_from_json(json["tunable_range"]);
    field.takes_auto = json.value("takes_auto", false);
  } catch (const Json::exception&) {
    throw Error(Blame::Customer, where +
                                     ": a member has the wrong type. Write the file again with "
                                     "'millrace-trainer describe'.");
  }
  return field;
}

std::string unquoted(std::string_view value) {
  const std::string_view text = trim(value);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_string() ? json.get<std::string>() : std::string(text);
}

std::optional<Problem> check_value(const FieldSpec& field, std::string_view value) {
  const std::string text = unquoted(value);
  if (field.takes_auto && text == kAuto) return std::nullopt;
  bool fine = true;
  switch (field.type) {
    case FieldType::Integer: {
      const std::optional<std::int64_t> number = parse_int(text);
      fine = number && inside(field.range, static_cast<double>(*number));
      break;
    }
    case FieldType::Continuous: {
      const std::optional<double> number = parse_double(text);
      fine = number && std::isfinite(*number) && inside(field.range, *number);
      break;
    }
    case FieldType::Categorical:
      fine = std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end();
      break;
    case FieldType::FreeText:
      break;
  }
  if (fine) return std::nullopt;
  return Problem{.where = "hyperparameter '" + field.name + "'",
                 .given = std::string(value),
                 .expected = field.expects,
                 .fix = default_hint(field)};
}

std::vector<Problem> check_values(std::string_view owner, const std::vector<FieldSpec>& fields,
                                  const std::map<std::string, std::string>& values) {
  std::vector<Problem> problems;
  std::vector<std::string> names;
  for (const FieldSpec& field : fields) names.push_back(field.name);

  for (const auto& [name, value] : values) {
    if (is_internal(name) || std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::optional<std::string> close = nearest(name, names);
    problems.push_back({.where = "hyperparameter '" + name + "'",
                        .given = value,
                        .expected = "a hyperparameter of " + std::string(owner),
                        .fix = close ? "Did you mean '" + *close + "'?" : "Remove it."});
  }
  for (const FieldSpec& field : fields) {
    if (field.required && !values.contains(field.name)) {
      problems.push_back({.where = "hyperparameter '" + field.name + "'",
                          .given = {},
                          .expected = field.expects,
                          .fix = "Set it: " + field.doc});
    }
  }
  for (const FieldSpec& field : fields) {
    const auto found = values.find(field.name);
    if (found == values.end()) continue;
    if (std::optional<Problem> problem = check_value(field, found->second))
      problems.push_back(*std::move(problem));
  }
  return problems;
}

bool is_internal(std::string_view name) {
  return name.starts_with('_');
}

}  // namespace millrace
