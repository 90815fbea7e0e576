#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace {

/// Kinds of hyperparameter value, under the names of SageMaker's HyperParameterSpecification.
enum class FieldType { Integer, Continuous, Categorical, FreeText };

/// Limits of a number; an absent end is open.
struct Range {
  std::optional<double> min;
  std::optional<double> max;
  bool min_excluded = false;  ///< the value must be above min, not equal to it
  bool max_excluded = false;  ///< the value must be below max, not equal to it
};

Range between(double min, double max);
Range at_least(double min);
Range above(double min);
/// min <= value < max.
Range from_to_below(double min, double max);
/// min < value < max.
Range inside_of(double min, double max);

/// What is known of one hyperparameter without knowing the struct it lands in. The daemon, the
/// console and the documentation see hyperparameters as a list of these.
struct FieldSpec {
  std::string name;
  FieldType type = FieldType::FreeText;
  std::optional<std::string>
      default_text;  ///< nullopt: no default; the field is then required or stays unset
  bool required = false;
  bool tunable = false;
  Range range;                       ///< numbers only
  std::vector<std::string> choices;  ///< Categorical only
  std::string doc;                   ///< one sentence
  std::string expects;               ///< completes "expected ..." in messages
  std::optional<Range>
      tunable_range;  ///< the range a tuning job may search; absent when not tunable or for choices
  bool takes_auto = false;  ///< "auto" leaves the value to the algorithm
};

/// The value that leaves another to the algorithm, where FieldSpec::takes_auto.
inline constexpr std::string_view kAuto = "auto";

/// {"name", "type", "default", "required", "tunable", "range": {"min", "max", "min_excluded",
/// "max_excluded"}, "choices", "doc", "expects", "tunable_range", "takes_auto"}; absent members
/// mean "none". from_json throws Error(Customer) naming `origin`.
Json to_json(const FieldSpec& field);
FieldSpec field_from_json(const Json& json, std::string_view origin);

/// The shortest text that reads back as the same value, as people write it: "0.0001" and "1000000",
/// not "1e-04"; powers of ten only from 1e16 and below 1e-4.
std::string plain_number(double value);

/// "a whole number from 1 to 10", "a number above 0".
std::string expected_number(FieldType type, const Range& range);

/// The value as the user meant it: a script-mode client sends the JSON text of a string ("\"30\""),
/// others the bare text; both give 30.
std::string unquoted(std::string_view value);

/// What is wrong with `value` as far as type, range and choices tell; nullopt when nothing is.
std::optional<Problem> check_value(const FieldSpec& field, std::string_view value);

/// Every problem of a whole set at once, in the order unknown, missing, malformed. `owner` is the
/// algorithm's name.
/// Names that begin with '_' are always accepted.
std::vector<Problem> check_values(std::string_view owner, const std::vector<FieldSpec>& fields,
                                  const std::map<std::string, std::string>& values);

/// The remedy that fits a value that was refused: what happens when it is left out.
std::string default_hint(const FieldSpec& field);

/// Internal settings of the original containers (`_kvstore`, `_num_gpus`) and what the platform
/// adds to a job's own (`_tuning_objective_metric`): names that begin with '_'.
bool is_internal(std::string_view name);

}  // namespace millrace
