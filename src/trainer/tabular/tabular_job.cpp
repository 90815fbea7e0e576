#include "trainer/tabular/tabular_job.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace {
namespace {

std::string as_json(const std::map<std::string, std::string>& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = value;
  return to_text(json);
}

bool holds_rows(const ChannelSpec& spec) {
  return std::find(spec.content_types.begin(), spec.content_types.end(), "text/csv") !=
         spec.content_types.end();
}

}  // namespace

ChannelSpec row_channel(const char* name, bool required, const char* doc) {
  return {.name = name,
          .required = required,
          .content_types = {"text/csv", "application/x-recordio-protobuf"},
          .input_modes = {"File", "Pipe", "FastFile"},
          .doc = doc};
}

MetricSpec progress_metric() {
  return {.name = "train:progress",
          .regex = R"(#progress_metric: host=\S+, completed (\S+) %)",
          .higher_is_better = true};
}

MetricSpec throughput_metric() {
  return {.name = "train:throughput",
          .regex = R"(#throughput_metric: host=\S+, train throughput=(\S+) records/second)",
          .higher_is_better = true};
}

void log_configuration(Job& job, const std::string& algorithm,
                       const std::vector<FieldSpec>& fields) {
  std::map<std::string, std::string> defaults;
  for (const FieldSpec& field : fields) {
    if (field.default_text && !field.default_text->empty())
      defaults[field.name] = *field.default_text;
  }
  job.log().info("Reading default configuration of " + algorithm + ": " + as_json(defaults));
  job.log().info("Merging with provided configuration from " +
                 job.paths().hyperparameters().string() + ": " + as_json(job.hyperparameters()));
}

void log_final_configuration(Job& job, const std::map<std::string, std::string>& effective) {
  job.log().info("Final configuration: " + as_json(effective));
}

void check_tabular_channels(const Job& job, const Algorithm& algorithm, std::int64_t label_size,
                            std::optional<std::int64_t> feature_dim) {
  std::map<std::string, std::int64_t> label_sizes;
  for (const ChannelSpec& spec : algorithm.channels) label_sizes[spec.name] = label_size;
  check_tabular_channels(job, algorithm, label_sizes, feature_dim);
}

void check_tabular_channels(const Job& job, const Algorithm& algorithm,
                            const std::map<std::string, std::int64_t>& label_sizes,
                            std::optional<std::int64_t> feature_dim) {
  std::vector<std::string> names;
  for (const ChannelSpec& spec : algorithm.channels) names.push_back(spec.name);
  for (const auto& [name, channel] : job.channels()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::optional<std::string> close = nearest(name, names);
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + name + "'",
                        .given = "an unknown channel",
                        .expected = "one of " + join(names, ", "),
                        .fix = close ? "Did you mean '" + *close + "'?" : "Remove it."});
  }
  std::optional<std::int64_t> first_columns;
  std::string first_name;
  for (const ChannelSpec& spec : algorithm.channels) {
    const Channel* const channel = job.find_channel(spec.name);
    if (channel == nullptr) {
      if (!spec.required) continue;
      throw Error(Blame::Customer, Problem{.where = "channel '" + spec.name + "'",
                                           .given = {},
                                           .expected = "this channel. " + spec.doc,
                                           .fix = "Add it to InputDataConfig."});
    }
    if (!holds_rows(spec)) continue;
    const std::int64_t label_size = label_sizes.at(spec.name);
    const auto columns = peek_columns(*channel, label_size);
    if (!columns) continue;
    if (!first_columns) {
      first_columns = columns;
      first_name = spec.name;
    }
    if (*columns != *first_columns) {
      throw Error(Blame::Customer,
                  Problem{.where = "channel '" + spec.name + "'",
                          .given = std::to_string(*columns) + " features in its first row",
                          .expected = std::to_string(*first_columns) + ", as channel '" +
                                      first_name + "' has",
                          .fix = "Give all channels the same columns."});
    }
    if (!feature_dim || *columns == *feature_dim) continue;
    throw Error(
        Blame::Customer,
        Problem{.where = "hyperparameter 'feature_dim'",
                .given = std::to_string(*feature_dim),
                .expected = std::to_string(*columns) + ", the features that channel '" + spec.name +
                            "' has" + (label_size > 0 ? " beside the label" : ""),
                .fix = "Set feature_dim to this number or leave it out."});
  }
}

}  // namespace millrace
