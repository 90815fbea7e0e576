#include "platform/cli/client_kit.h"

#include <array>
#include <string_view>

#include "core/io/file.h"
#include "core/json/json.h"
#include "generated/embedded/kSageMakerMetricsModel.h"

namespace millrace::cli {
namespace {

struct Service {
  std::string_view name;             ///< botocore's
  std::string_view version;          ///< of its API: the folder of its model
  std::string_view endpoint_prefix;  ///< its name in endpoints.json
};

constexpr std::array<Service, 11> kServices{{
    {"sagemaker", "2017-07-24", "api.sagemaker"},
    {"sagemaker-runtime", "2017-05-13", "runtime.sagemaker"},
    {"sagemaker-metrics", "2022-09-30", "metrics.sagemaker"},
    {"logs", "2014-03-28", "logs"},
    {"cloudwatch", "2010-08-01", "monitoring"},
    {"sts", "2011-06-15", "sts"},
    {"iam", "2010-05-08", "iam"},
    {"s3", "2006-03-01", "s3"},
    {"s3control", "2018-08-20", "s3-control"},
    {"s3outposts", "2017-07-25", "s3-outposts"},
    {"ecr", "2015-09-21", "api.ecr"},
}};

constexpr std::array<std::string_view, 20> kRegions{
    "af-south-1", "ap-east-1",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",   "eu-central-1",
    "eu-north-1", "eu-south-1",     "eu-west-1",      "eu-west-2",      "eu-west-3",
    "me-south-1", "sa-east-1",      "us-east-1",      "us-east-2",      "us-west-2"};

constexpr const char* kKitFile = "millrace-kit.json";

Json parameter(const char* type, const char* built_in) {
  return {{"type", type}, {"required", false}, {"builtIn", built_in}};
}

Json flag(const char* built_in) {
  return {{"type", "Boolean"}, {"required", true}, {"default", false}, {"builtIn", built_in}};
}

Json endpoint_rule(Json conditions, const std::string& url, Json properties) {
  return {{"conditions", std::move(conditions)},
          {"type", "endpoint"},
          {"endpoint",
           {{"url", url}, {"properties", std::move(properties)}, {"headers", Json::object()}}}};
}

/// One address for everything; S3's buckets go into the path, whatever their names look like.
Json rule_set(const Service& service, const std::string& endpoint) {
  Json parameters{{"Region", parameter("String", "AWS::Region")},
                  {"Endpoint", parameter("String", "SDK::Endpoint")},
                  {"UseFIPS", flag("AWS::UseFIPS")},
                  {"UseDualStack", flag("AWS::UseDualStack")}};
  Json rules = Json::array();
  Json properties = Json::object();
  if (service.name == "s3") {
    parameters["Bucket"] = {{"type", "String"}, {"required", false}};
    const Json scheme{{"name", "sigv4"},
                      {"signingName", "s3"},
                      {"signingRegion", "{Region}"},
                      {"disableDoubleEncoding", true}};
    properties = {{"authSchemes", Json::array({scheme})}};
    const Json named{{"fn", "isSet"}, {"argv", Json::array({Json{{"ref", "Bucket"}}})}};
    rules.push_back(endpoint_rule(Json::array({named}), endpoint + "/{Bucket}", properties));
  }
  rules.push_back(endpoint_rule(Json::array(), endpoint, properties));
  return {{"version", "1.0"}, {"parameters", std::move(parameters)}, {"rules", std::move(rules)}};
}

Json partition(const char* name, const char* suffix, const char* region_pattern,
               const std::string& scheme, const std::string& host) {
  Json services = Json::object();
  for (const Service& service : kServices) {
    Json endpoints = Json::object();
    for (const std::string_view region : kRegions)
      endpoints[std::string(region)] = {{"hostname", host}};
    services[std::string(service.endpoint_prefix)] = {
        {"defaults", {{"hostname", host}, {"protocols", Json::array({scheme})}}},
        {"endpoints", std::move(endpoints)}};
  }
  Json regions = Json::object();
  for (const std::string_view region : kRegions)
    regions[std::string(region)] = {{"description", region}};
  return {{"partition", name},
          {"partitionName", name},
          {"dnsSuffix", suffix},
          {"regionRegex", region_pattern},
          {"defaults",
           {{"hostname", "{service}.{region}.{dnsSuffix}"},
            {"protocols", Json::array({"https"})},
            {"signatureVersions", Json::array({"v4"})}}},
          {"regions", std::move(regions)},
          {"services", std::move(services)}};
}

/// Any region of a partition finds the daemon: its services have it as their default. The regions
/// that are listed are for programs that ask which there are.
Json endpoints_document(const std::string& endpoint) {
  const std::size_t mark = endpoint.find("://");
  const std::string scheme = endpoint.substr(0, mark);
  const std::string host = endpoint.substr(mark + 3);
  Json china = partition("aws-cn", "amazonaws.com.cn", "^cn\\-\\w+\\-\\d+$", scheme, host);
  Json government =
      partition("aws-us-gov", "amazonaws.com", "^us\\-gov\\-\\w+\\-\\d+$", scheme, host);
  for (Json* each : {&china, &government}) {
    (*each)["regions"] = Json::object();
    for (auto& [prefix, service] : (*each)["services"].items())
      service["endpoints"] = Json::object();
  }
  Json commercial = partition("aws", "amazonaws.com", "^[a-z]{2}\\-\\w+\\-\\d+$", scheme, host);
  // Where botocore's clients of us-east-1 look for S3, unless they were told to look in the region.
  Json& s3 = commercial["services"]["s3"];
  s3["partitionEndpoint"] = "aws-global";
  s3["endpoints"]["aws-global"] = {{"hostname", host},
                                   {"credentialScope", {{"region", "us-east-1"}}}};
  return {{"version", 3},
          {"partitions",
           Json::array({std::move(commercial), std::move(china), std::move(government)})}};
}

std::filesystem::path service_folder(const std::filesystem::path& kit, const Service& service) {
  return kit / service.name / service.version;
}

void write_document(const std::filesystem::path& path, const Json& document) {
  std::filesystem::create_directories(path.parent_path());
  write_file_durably(path, document.dump(1) + "\n");
}

}  // namespace

void write_client_kit(const std::filesystem::path& directory, const std::string& endpoint) {
  write_document(directory / "endpoints.json", endpoints_document(endpoint));
  for (const Service& service : kServices) {
    write_document(service_folder(directory, service) / "endpoint-rule-set-1.json",
                   rule_set(service, endpoint));
  }
  write_missing_models(directory);
  write_document(directory / kKitFile, {{"Endpoint", endpoint}});
}

void write_missing_models(const std::filesystem::path& directory) {
  for (const Service& service : kServices) {
    if (service.name != "sagemaker-metrics") continue;
    const std::filesystem::path folder = service_folder(directory, service);
    const std::filesystem::path file = folder / "service-2.json";
    if (std::filesystem::exists(file) && read_file(file) == embedded::kSageMakerMetricsModel)
      continue;
    std::filesystem::create_directories(folder);
    write_file_durably(file, embedded::kSageMakerMetricsModel);
  }
}

bool is_client_kit(const std::filesystem::path& directory) {
  return std::filesystem::exists(directory / kKitFile);
}

}  // namespace millrace::cli
