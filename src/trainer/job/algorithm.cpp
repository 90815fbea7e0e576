#include "trainer/job/algorithm.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

void add_missing(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const std::string& text : more) {
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  }
}

Json describe_one(const Algorithm& algorithm) {
  std::vector<std::string> modes, types;
  Json json = Json::object();
  json["name"] = algorithm.name;
  json["summary"] = algorithm.summary;
  json["image_names"] = algorithm.image_names;
  json["hyperparameters"] = Json::array();
  for (const FieldSpec& field : algorithm.hyperparameters)
    json["hyperparameters"].push_back(to_json(field));
  json["channels"] = Json::array();
  for (const ChannelSpec& channel : algorithm.channels) {
    json["channels"].push_back({{"name", channel.name},
                                {"required", channel.required},
                                {"content_types", channel.content_types},
                                {"input_modes", channel.input_modes},
                                {"doc", channel.doc}});
    add_missing(modes, channel.input_modes);
    add_missing(types, channel.content_types);
  }
  json["metrics"] = Json::array();
  for (const MetricSpec& metric : algorithm.metrics) {
    json["metrics"].push_back({{"name", metric.name},
                               {"regex", metric.regex},
                               {"higher_is_better", metric.higher_is_better},
                               {"tuning_objective", metric.tuning_objective}});
  }
  json["supported_input_modes"] = modes;
  json["supported_content_types"] = types;
  json["distributed"] = algorithm.distributed;
  json["uses_gpu"] = algorithm.uses_gpu;
  json["instance_notes"] = algorithm.instance_notes;
  return json;
}

}  // namespace

const Algorithm& find_algorithm(std::span<const Algorithm* const> algorithms,
                                std::string_view name) {
  std::vector<std::string> names;
  for (const Algorithm* algorithm : algorithms) {
    const std::vector<std::string>& images = algorithm->image_names;
    if (algorithm->name == name || std::find(images.begin(), images.end(), name) != images.end())
      return *algorithm;
    names.push_back(algorithm->name);
  }
  throw Error(
      Blame::Customer,
      Problem{.where = "algorithm",
              .given = std::string(name),
              .expected = "one of " + join(names, ", "),
              .fix = "Set the environment variable MILLRACE_ALGORITHM or the option --algorithm."});
}

Json describe_algorithms(std::span<const Algorithm* const> algorithms) {
  Json json = Json::object();
  json["schema_version"] = 1;
  json["algorithms"] = Json::array();
  for (const Algorithm* algorithm : algorithms)
    json["algorithms"].push_back(describe_one(*algorithm));
  return json;
}

}  // namespace millrace
