#include "platform/console/algorithm_list.h"

#include <span>
#include <string_view>
#include <utility>

#include "generated/aws/sagemaker/operations.h"
#include "platform/catalog/framework_images.h"

namespace millrace::console {
namespace {

Json algorithm_json(const catalog::AlgorithmDescription& algorithm) {
  Json hyperparameters = Json::array();
  for (const FieldSpec& field : algorithm.hyperparameters)
    hyperparameters.push_back(to_json(field));
  Json channels = Json::array();
  for (const catalog::ChannelSpec& channel : algorithm.channels) {
    channels.push_back({{"Name", channel.name},
                        {"Required", channel.required},
                        {"ContentTypes", channel.content_types},
                        {"InputModes", channel.input_modes}});
  }
  Json metrics = Json::array();
  for (const catalog::MetricSpec& metric : algorithm.metrics)
    metrics.push_back({{"Name", metric.name}, {"HigherIsBetter", metric.higher_is_better}});
  return {{"Name", algorithm.name},
          {"Summary", algorithm.summary},
          {"ImageNames", algorithm.image_names},
          {"Image", algorithm.name + ":1"},
          {"Distributed", algorithm.distributed},
          {"Channels", std::move(channels)},
          {"Hyperparameters", std::move(hyperparameters)},
          {"Metrics", std::move(metrics)}};
}

const aws::Shape* member_of(const aws::Shape* shape, std::string_view name) {
  for (const aws::Member& member : shape->members) {
    if (member.name == name) return member.shape;
  }
  return nullptr;
}

/// What the service model lets a training job name.
std::span<const std::string_view> training_instance_types() {
  const aws::Shape* const request = wire::sagemaker::ops::CreateTrainingJob::kOperation.input;
  return member_of(member_of(request, "ResourceConfig"), "InstanceType")->values;
}

}  // namespace

http::Response list_algorithms(const catalog::Algorithms& algorithms,
                               const catalog::Resources& machine) {
  Json list = Json::array();
  for (const catalog::AlgorithmDescription& algorithm : algorithms.all())
    list.push_back(algorithm_json(algorithm));
  Json frameworks = Json::array();
  for (const auto& [repository, framework] : catalog::FrameworkImages::all()) {
    frameworks.push_back({{"Repository", repository},
                          {"Name", std::string(framework->name)},
                          {"Summary", std::string(framework->summary)}});
  }
  Json types = Json::array();
  for (const std::string_view type : training_instance_types()) {
    const catalog::Resources share = catalog::resources_of(type, machine);
    types.push_back(
        {{"Name", std::string(type)}, {"Cpus", share.cpus}, {"MemoryBytes", share.memory_bytes}});
  }
  return json_answer(
      {{"Algorithms", std::move(list)},
       {"Frameworks", std::move(frameworks)},
       {"InstanceTypes", std::move(types)},
       {"Machine", {{"Cpus", machine.cpus}, {"MemoryBytes", machine.memory_bytes}}}});
}

}  // namespace millrace::console
