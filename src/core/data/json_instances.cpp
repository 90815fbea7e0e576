#include "core/data/json_instances.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace {
namespace {

constexpr const char* kForms =
    "Give {\"features\": [...]}, or {\"data\": {\"features\": {\"keys\": [...], \"shape\": [n], "
    "\"values\": [...]}}}.";

[[noreturn]] void refuse(std::string_view place, std::string_view member, std::string given,
                         std::string expected) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(place) + ": member '" + std::string(member) + "'",
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = kForms});
}

void check_members(const Json& object, std::string_view place, std::string_view name,
                   const std::vector<std::string>& known) {
  if (!object.is_object()) refuse(place, name, to_text(object), "an object");
  for (const auto& [member, value] : object.items()) {
    if (std::find(known.begin(), known.end(), member) == known.end())
      refuse(place, member, "an unknown member", "one of " + join(known, ", "));
  }
}

void append_floats(const Json& list, std::string_view place, std::vector<float>& out) {
  if (!list.is_array()) refuse(place, "values", to_text(list), "an array of numbers");
  for (const Json& item : list) {
    const double value = item.is_number() ? item.get<double>() : std::nan("");
    if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max())))
      refuse(place, "values", to_text(item), "a finite number");
    out.push_back(static_cast<float>(value));
  }
}

std::vector<std::int64_t> whole_numbers(const Json& list, std::string_view place,
                                        std::string_view member) {
  if (!list.is_array()) refuse(place, member, to_text(list), "an array of whole numbers");
  std::vector<std::int64_t> numbers;
  for (const Json& item : list) {
    const bool fits = item.is_number_unsigned() &&
                      item.get<std::uint64_t>() <=
                          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!fits) refuse(place, member, to_text(item), "a whole number of at least 0");
    numbers.push_back(item.get<std::int64_t>());
  }
  return numbers;
}

void parse_sparse(const Json& features, std::string_view place, Row& row) {
  row.indices = whole_numbers(features.at("keys"), place, "keys");
  if (!features.contains("shape")) refuse(place, "shape", {}, "a shape, since there are keys");
  row.columns = 1;
  for (const std::int64_t extent : whole_numbers(features.at("shape"), place, "shape")) {
    if (__builtin_mul_overflow(row.columns, extent, &row.columns))
      refuse(place, "shape", to_text(features.at("shape")), "extents whose product is below 2^63");
  }
  if (row.indices.size() != row.values.size()) {
    refuse(place, "keys", std::to_string(row.indices.size()) + " keys",
           std::to_string(row.values.size()) + ", one for each value");
  }
  std::vector<std::pair<std::int64_t, float>> pairs;
  for (std::size_t i = 0; i < row.indices.size(); ++i)
    pairs.emplace_back(row.indices[i], row.values[i]);
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].first >= row.columns || (i > 0 && pairs[i].first == pairs[i - 1].first)) {
      refuse(place, "keys", std::to_string(pairs[i].first),
             "keys below " + std::to_string(row.columns) + ", each once");
    }
    row.indices[i] = pairs[i].first;
    row.values[i] = pairs[i].second;
  }
}

void parse_features(const Json& features, std::string_view place, Row& row) {
  row.labels.clear();
  row.indices.clear();
  row.values.clear();
  row.sparse = false;
  if (features.is_array()) {
    append_floats(features, place, row.values);
  } else {
    check_members(features, place, "features", {"values", "keys", "shape"});
    if (!features.contains("values")) refuse(place, "values", {}, "an array of numbers");
    append_floats(features.at("values"), place, row.values);
    row.sparse = features.contains("keys");
  }
  if (row.sparse) {
    parse_sparse(features, place, row);
  } else {
    row.columns = static_cast<std::int64_t>(row.values.size());
  }
  if (row.columns == 0) refuse(place, "features", "no numbers", "at least one feature");
}

void check_width(std::optional<std::int64_t>& columns, const Row& row, std::string_view place) {
  if (!columns) columns = row.columns;
  if (*columns == row.columns) return;
  refuse(place, "features", std::to_string(row.columns) + " numbers",
         std::to_string(*columns) + ", as in the first instance");
}

template <class Numbers>
void append_list(std::string& out, const Numbers& numbers) {
  out += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out += ',';
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, numbers[i]).ptr);
  }
  out += ']';
}

}  // namespace

void parse_instance(const Json& instance, std::string_view place, Row& row) {
  check_members(instance, place, "instance", {"features", "data", "configuration"});
  if (instance.contains("features") == instance.contains("data"))
    refuse(place, "features", {}, "either 'features' or 'data'");
  if (instance.contains("features")) {
    parse_features(instance.at("features"), place, row);
    return;
  }
  const Json& data = instance.at("data");
  check_members(data, place, "data", {"features"});
  if (!data.contains("features")) refuse(place, "features", {}, "the features");
  parse_features(data.at("features"), place, row);
}

JsonLinesReader::JsonLinesReader(ByteSource& source, std::string origin)
    : lines_(source, std::move(origin), kMaxInstancesBytes) {}

bool JsonLinesReader::read(Row& row) {
  const std::string_view* line = lines_.next();
  while (line != nullptr && trim(*line).empty()) line = lines_.next();
  if (line == nullptr) return false;
  const std::string place = lines_.place();
  parse_instance(parse_json(*line, place, {.max_bytes = kMaxInstancesBytes}), place, row);
  check_width(columns_, row, place);
  return true;
}

std::vector<Row> read_instances(std::string_view document, std::string_view origin) {
  const Json json = parse_json(document, origin, {.max_bytes = kMaxInstancesBytes});
  const Json& instances = require(json, "instances", origin);
  if (!instances.is_array()) refuse(origin, "instances", to_text(instances), "an array");
  std::vector<Row> rows;
  std::optional<std::int64_t> columns;
  for (const Json& instance : instances) {
    const std::string place = std::string(origin) + ", instance " + std::to_string(rows.size());
    parse_instance(instance, place, rows.emplace_back());
    check_width(columns, rows.back(), place);
  }
  return rows;
}

void append_instance_line(std::string& out, const Row& row) {
  if (!row.sparse) {
    out += "{\"features\":";
    append_list(out, row.values);
    out += "}\n";
    return;
  }
  if (row.columns == 0) {
    throw Error(Blame::Customer, Problem{.where = "sparse row",
                                         .given = "no width",
                                         .expected = "the number of features",
                                         .fix = "Give the number of features."});
  }
  out += "{\"data\":{\"features\":{\"keys\":";
  append_list(out, row.indices);
  out += ",\"shape\":[" + std::to_string(row.columns) + "],\"values\":";
  append_list(out, row.values);
  out += "}}}\n";
}

}  // namespace millrace
