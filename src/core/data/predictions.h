#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/json_fwd.h"

namespace millrace {

/// One member of an answer: "score", "predicted_label", "closest_cluster".
struct PredictionMember {
  std::string name;
  std::vector<float> values;
  bool list = false;   ///< an array even when it has one value
  bool whole = false;  ///< written without a fraction: linear learner's "predicted_label": 0
};

/// The answer for one example of a request, members in the order in which they are written.
using Prediction = std::vector<PredictionMember>;

/// Appends {"score":0.4,"predicted_label":0} without a newline: one object of
/// `application/jsonlines`. Numbers are float32 widened to double, so that a reader of doubles sees
/// the value we have, and whole ones end in ".0" unless the member says otherwise. A value that is
/// not finite becomes null, since JSON has no other word for it.
/// Format: docs/reference/formats/json-lines.md.
void append_prediction(std::string& out, const Prediction& prediction);

/// Appends the numbers of one line of `text/csv`, 1.0,3.0, without a newline: all members' values
/// in their order, written as append_prediction writes them.
void append_prediction_numbers(std::string& out, const Prediction& prediction);

/// {"<list>":[...]} of `application/json`; `list` is "predictions", "projections" or "scores".
std::string predictions_document(std::string_view list, const std::vector<Prediction>& predictions);

/// Reads one such object back. Throws Error(Customer) "<place>: member '...': ..." for a member
/// that is neither a number nor an array of numbers.
Prediction parse_prediction(const Json& object, std::string_view place);

}  // namespace millrace
