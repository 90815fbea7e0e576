#include "core/contract/config_reader.h"

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/json/json.h"

namespace millrace {
namespace {

Json read_object(const std::filesystem::path& path) {
  const std::string origin = path.filename().string();
  Json json = parse_json(read_file(path), origin);
  if (!json.is_object()) {
    throw Error(
        Blame::Customer,
        Problem{.where = origin, .given = to_text(json), .expected = "a JSON object", .fix = {}});
  }
  return json;
}

std::string string_or(const Json& object, const char* member, std::string otherwise,
                      const std::string& origin) {
  return object.contains(member) ? require_string(object, member, origin) : std::move(otherwise);
}

}  // namespace

std::map<std::string, std::string> read_hyperparameters(const ContractPaths& paths) {
  const Json json = read_object(paths.hyperparameters());
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : json.items()) {
    // The platform writes strings only; files made by hand often hold bare numbers.
    values[name] = value.is_string() ? value.get<std::string>() : to_text(value);
  }
  return values;
}

std::map<std::string, ChannelConfig> read_input_data_config(const ContractPaths& paths) {
  const Json json = read_object(paths.input_data_config());
  std::map<std::string, ChannelConfig> channels;
  for (const auto& [name, value] : json.items()) {
    const std::string origin = "inputdataconfig.json, channel '" + name + "'";
    ChannelConfig config;
    config.name = name;
    config.input_mode = string_or(value, "TrainingInputMode", "File", origin);
    if (config.input_mode != "File" && config.input_mode != "Pipe" &&
        config.input_mode != "FastFile") {
      throw Error(Blame::Customer,
                  Problem{.where = origin,
                          .given = config.input_mode,
                          .expected = "the TrainingInputMode File, Pipe or FastFile",
                          .fix = {}});
    }
    if (value.contains("ContentType"))
      config.content_type = require_string(value, "ContentType", origin);
    if (value.contains("CompressionType"))
      config.compression = require_string(value, "CompressionType", origin);
    config.distribution = string_or(value, "S3DistributionType", config.distribution, origin);
    config.record_wrapper = string_or(value, "RecordWrapperType", config.record_wrapper, origin);
    channels[name] = std::move(config);
  }
  return channels;
}

ResourceConfig read_resource_config(const ContractPaths& paths) {
  if (!std::filesystem::exists(paths.resource_config()))
    return {.current_host = "algo-1", .hosts = {"algo-1"}};
  ResourceConfig config;
  const Json json = read_object(paths.resource_config());
  config.current_host = require_string(json, "current_host", "resourceconfig.json");
  config.instance_type = string_or(json, "current_instance_type", {}, "resourceconfig.json");
  config.network_interface = string_or(json, "network_interface_name", {}, "resourceconfig.json");
  for (const Json& host : require(json, "hosts", "resourceconfig.json")) {
    if (!host.is_string()) {
      throw Error(Blame::Customer, Problem{.where = "resourceconfig.json: member 'hosts'",
                                           .given = to_text(host),
                                           .expected = "a list of host names",
                                           .fix = {}});
    }
    config.hosts.push_back(host.get<std::string>());
  }
  return config;
}

}  // namespace millrace
