#include "platform/catalog/algorithms.h"

#include <algorithm>

#include "core/base/text.h"

namespace millrace::catalog {
namespace {

constexpr const char* kOrigin = "algorithm descriptions";

std::vector<std::string> strings(const Json& object, const char* member, const std::string& where) {
  std::vector<std::string> found;
  const auto list = object.find(member);
  if (list == object.end() || list->is_null()) return found;
  const auto refuse = [&] {
    throw Error(Blame::Customer,
                Problem{.where = where + ": member '" + member + "'",
                        .given = to_text(*list),
                        .expected = "a list of strings",
                        .fix = "Print the descriptions again with 'millrace-trainer describe'."});
  };
  if (!list->is_array()) refuse();
  for (const Json& element : *list) {
    if (!element.is_string()) refuse();
    found.push_back(element.get<std::string>());
  }
  return found;
}

const Json& list_of(const Json& object, const char* member) {
  static const Json none = Json::array();
  const auto list = object.find(member);
  return list == object.end() || !list->is_array() ? none : *list;
}

bool flag(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

AlgorithmDescription read_algorithm(const Json& json) {
  AlgorithmDescription algorithm;
  algorithm.name = require_string(json, "name", kOrigin);
  const std::string where = std::string(kOrigin) + ": " + algorithm.name;
  if (const auto summary = json.find("summary"); summary != json.end() && summary->is_string()) {
    algorithm.summary = summary->get<std::string>();
  }
  algorithm.image_names = strings(json, "image_names", where);
  if (std::find(algorithm.image_names.begin(), algorithm.image_names.end(), algorithm.name) ==
      algorithm.image_names.end()) {
    algorithm.image_names.push_back(algorithm.name);
  }
  for (const Json& field : list_of(json, "hyperparameters")) {
    algorithm.hyperparameters.push_back(field_from_json(field, where));
  }
  const std::vector<std::string> modes = strings(json, "supported_input_modes", where);
  const std::vector<std::string> types = strings(json, "supported_content_types", where);
  for (const Json& channel : list_of(json, "channels")) {
    ChannelSpec spec{.name = require_string(channel, "name", where + ": channels"),
                     .required = flag(channel, "required")};
    spec.content_types =
        channel.contains("content_types") ? strings(channel, "content_types", where) : types;
    spec.input_modes =
        channel.contains("input_modes") ? strings(channel, "input_modes", where) : modes;
    algorithm.channels.push_back(std::move(spec));
  }
  for (const Json& metric : list_of(json, "metrics")) {
    algorithm.metrics.push_back({.name = require_string(metric, "name", where + ": metrics"),
                                 .regex = require_string(metric, "regex", where + ": metrics"),
                                 .higher_is_better = flag(metric, "higher_is_better")});
  }
  algorithm.distributed = flag(json, "distributed");
  return algorithm;
}

/// "text/csv;label_size=1" is text/csv.
std::string media_type(std::string_view content_type) {
  return to_lower(trim(content_type.substr(0, content_type.find(';'))));
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::vector<Problem> AlgorithmDescription::check_hyperparameters(
    const std::map<std::string, std::string>& values) const {
  return check_values(name, hyperparameters, values);
}

std::vector<Problem> AlgorithmDescription::check_channels(
    const std::vector<ChannelUse>& uses) const {
  std::vector<Problem> problems;
  std::vector<std::string> known;
  for (const ChannelSpec& spec : channels) known.push_back(spec.name);
  for (const ChannelUse& use : uses) {
    const std::string where = "channel '" + use.name + "'";
    const auto spec = std::find_if(channels.begin(), channels.end(),
                                   [&](const auto& one) { return one.name == use.name; });
    if (spec == channels.end()) {
      const std::optional<std::string> close = nearest(use.name, known);
      problems.push_back({.where = where,
                          .given = use.name,
                          .expected = "a channel of " + name + ": " + quoted_list(known),
                          .fix = close ? "Did you mean '" + *close + "'?" : "Remove it."});
      continue;
    }
    if (!spec->input_modes.empty() && !contains(spec->input_modes, use.input_mode)) {
      problems.push_back({.where = where + ": InputMode",
                          .given = use.input_mode,
                          .expected = "one of " + quoted_list(spec->input_modes),
                          .fix = "Set InputMode of the channel, or TrainingInputMode of the job."});
    }
    if (use.content_type && !spec->content_types.empty() &&
        !contains(spec->content_types, media_type(*use.content_type))) {
      problems.push_back({.where = where + ": ContentType",
                          .given = *use.content_type,
                          .expected = "one of " + quoted_list(spec->content_types),
                          .fix = "Name the format the objects really have."});
    }
  }
  for (const ChannelSpec& spec : channels) {
    const bool given = std::any_of(uses.begin(), uses.end(),
                                   [&](const auto& use) { return use.name == spec.name; });
    if (spec.required && !given) {
      problems.push_back(
          {.where = "channel '" + spec.name + "'",
           .given = {},
           .expected = "this channel in InputDataConfig, because " + name + " reads it",
           .fix = "Add it."});
    }
  }
  return problems;
}

Algorithms::Algorithms(const std::vector<Json>& documents) {
  for (const Json& document : documents) {
    const Json& list = require(document, "algorithms", kOrigin);
    if (!list.is_array())
      throw Error(Blame::Customer, std::string(kOrigin) + ": member 'algorithms' must be a list.");
    for (const Json& json : list) {
      AlgorithmDescription algorithm = read_algorithm(json);
      for (const std::string& repository : algorithm.image_names) {
        if (find({.registry = {}, .repository = repository, .tag = {}, .digest = {}}) != nullptr) {
          throw Error(Blame::Customer,
                      std::string(kOrigin) + ": the image name '" + repository +
                          "' stands for two algorithms. Remove one of the descriptions.");
        }
      }
      algorithms_.push_back(std::move(algorithm));
    }
  }
}

const AlgorithmDescription* Algorithms::find(const ImageName& image) const {
  if (!image.tag.empty() && image.tag != "1" && image.tag != "latest") return nullptr;
  for (const AlgorithmDescription& algorithm : algorithms_) {
    if (contains(algorithm.image_names, image.repository)) return &algorithm;
  }
  return nullptr;
}

const AlgorithmDescription* Algorithms::named(std::string_view name) const {
  for (const AlgorithmDescription& algorithm : algorithms_) {
    if (algorithm.name == name) return &algorithm;
  }
  return nullptr;
}

std::vector<std::string> Algorithms::repositories() const {
  std::vector<std::string> names;
  for (const auto& algorithm : algorithms_) {
    names.insert(names.end(), algorithm.image_names.begin(), algorithm.image_names.end());
  }
  return names;
}

}  // namespace millrace::catalog
