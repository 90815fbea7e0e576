#include "core/data/predictions.h"

#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace {
namespace {

void append_number(std::string& out, float value, bool whole) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  const std::string text = number_text(static_cast<double>(value));
  out += text;
  if (!whole && text.find_first_of(".e") == std::string::npos) out += ".0";
}

[[noreturn]] void refuse(std::string_view place, std::string_view member, const Json& given) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(place) + ": member '" + std::string(member) + "'",
                      .given = to_text(given),
                      .expected = "a number or an array of numbers",
                      .fix = "Check that the line is an answer of a tabular algorithm."});
}

float parse_number(const Json& json, std::string_view place, std::string_view member) {
  if (json.is_null()) return std::numeric_limits<float>::quiet_NaN();
  if (!json.is_number()) refuse(place, member, json);
  const double value = json.get<double>();
  if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
    refuse(place, member, json);
  return static_cast<float>(value);
}

}  // namespace

void append_prediction(std::string& out, const Prediction& prediction) {
  out += '{';
  for (const PredictionMember& member : prediction) {
    if (out.back() != '{') out += ',';
    out += to_text(Json(member.name)) + ":";
    const bool list = member.list || member.values.size() != 1;
    if (list) out += '[';
    for (std::size_t i = 0; i < member.values.size(); ++i) {
      if (i > 0) out += ',';
      append_number(out, member.values[i], member.whole);
    }
    if (list) out += ']';
  }
  out += '}';
}

void append_prediction_numbers(std::string& out, const Prediction& prediction) {
  bool first = true;
  for (const PredictionMember& member : prediction) {
    for (const float value : member.values) {
      if (!first) out += ',';
      first = false;
      append_number(out, value, member.whole);
    }
  }
}

std::string predictions_document(std::string_view list,
                                 const std::vector<Prediction>& predictions) {
  std::string out = "{" + to_text(Json(list)) + ":[";
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (i > 0) out += ',';
    append_prediction(out, predictions[i]);
  }
  return out + "]}";
}

Prediction parse_prediction(const Json& object, std::string_view place) {
  if (!object.is_object()) refuse(place, "prediction", object);
  Prediction prediction;
  for (const auto& [name, value] : object.items()) {
    PredictionMember& member = prediction.emplace_back();
    member.name = name;
    member.list = value.is_array();
    if (!member.list) {
      member.whole = value.is_number_integer();
      member.values.push_back(parse_number(value, place, name));
      continue;
    }
    for (const Json& item : value) member.values.push_back(parse_number(item, place, name));
  }
  return prediction;
}

}  // namespace millrace
