#include "platform/containers/image_record.h"

#include "core/base/error.h"
#include "core/json/json.h"
#include "platform/containers/image_documents.h"

namespace millrace::containers {
namespace {

Json layers_json(const std::vector<RecordedLayer>& layers) {
  Json list = Json::array();
  for (const RecordedLayer& layer : layers) {
    list.push_back(
        Json{{"digest", layer.digest}, {"diff_id", layer.diff_id}, {"size", layer.size}});
  }
  return list;
}

std::vector<RecordedLayer> layers_of(const Json& list) {
  std::vector<RecordedLayer> layers;
  for (const Json& each : list) {
    layers.push_back({.digest = each.at("digest").get<std::string>(),
                      .diff_id = each.at("diff_id").get<std::string>(),
                      .size = each.at("size").get<std::uint64_t>()});
  }
  return layers;
}

}  // namespace

std::string record_text(const ImageRecord& record) {
  return to_text(Json{{"id", record.id},
                      {"digest", record.digest},
                      {"media_type", record.media_type},
                      {"kind", record.kind},
                      {"source", record.source},
                      {"reference", record.reference},
                      {"signature_beside", record.signature_beside},
                      {"platform", record.platform},
                      {"created", record.created},
                      {"layers", layers_json(record.layers)},
                      {"bytes", record.bytes},
                      {"entries", record.entries},
                      {"dropped", record.dropped},
                      {"entrypoint", record.entrypoint},
                      {"arguments", record.arguments},
                      {"environment", record.environment},
                      {"working_directory", record.working_directory},
                      {"user", record.user},
                      {"user_id", record.user_id},
                      {"group_id", record.group_id},
                      {"home", record.home}});
}

ImageRecord parse_record(std::string_view text, const std::string& origin) {
  const auto refuse = [&](const std::string& why) {
    return Error(Blame::Customer, origin + ": " + why +
                                      ". It is not what this version writes: add the image again.");
  };
  const Json json = parse_json(text, origin);
  try {
    // Images lie under their ids: whatever else is asked of one would fail.
    if (!is_digest(json.at("id").get<std::string>())) throw refuse("its id is no digest");
    return {.id = json.at("id").get<std::string>(),
            .digest = json.at("digest").get<std::string>(),
            .media_type = json.at("media_type").get<std::string>(),
            .kind = json.at("kind").get<std::string>(),
            .source = json.at("source").get<std::string>(),
            .reference = json.at("reference").get<std::string>(),
            .signature_beside = json.at("signature_beside").get<bool>(),
            .platform = json.at("platform").get<std::string>(),
            .created = json.at("created").get<std::string>(),
            .layers = layers_of(json.at("layers")),
            .bytes = json.at("bytes").get<std::uint64_t>(),
            .entries = json.at("entries").get<std::uint64_t>(),
            .dropped = json.at("dropped").get<std::vector<std::string>>(),
            .entrypoint = json.at("entrypoint").get<std::vector<std::string>>(),
            .arguments = json.at("arguments").get<std::vector<std::string>>(),
            .environment = json.at("environment").get<std::map<std::string, std::string>>(),
            .working_directory = json.at("working_directory").get<std::string>(),
            .user = json.at("user").get<std::string>(),
            .user_id = json.at("user_id").get<std::int64_t>(),
            .group_id = json.at("group_id").get<std::int64_t>(),
            .home = json.at("home").get<std::string>()};
  } catch (const Json::exception& error) {
    throw refuse(error.what());
  }
}

}  // namespace millrace::containers
