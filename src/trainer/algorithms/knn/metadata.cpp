#include "trainer/algorithms/knn/metadata.h"

#include <cstring>

#include "core/base/error.h"
#include "core/json/json.h"

namespace millrace::knn {
namespace {

[[noreturn]] void refuse(std::string_view file, std::string_view member, std::string given,
                         std::string expected, std::string fix) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(file) +
                               (member.empty() ? "" : ", member '" + std::string(member) + "'"),
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = std::move(fix)});
}

/// A whole number from `least` on.
std::int64_t count_of(const Json& object, const char* member, std::int64_t least) {
  const Json& value = require(object, member, kMetadataFile);
  if (value.is_number_integer() && value.get<std::int64_t>() >= least)
    return value.get<std::int64_t>();
  refuse(kMetadataFile, member, to_text(value), "a whole number from " + std::to_string(least),
         "Write a number without quotes or a fraction.");
}

template <class Kind>
Kind kind_of(const Json& object, const char* member, Kind one, Kind other) {
  const Json& value = require(object, member, kMetadataFile);
  for (const Kind kind : {one, other}) {
    if (value == std::string(name_of(kind))) return kind;
  }
  refuse(kMetadataFile, member, to_text(value),
         "'" + std::string(name_of(one)) + "' or '" + std::string(name_of(other)) + "'",
         "Use one of these words.");
}

}  // namespace

std::string format_metadata(const Metadata& metadata) {
  Json json = Json::object();
  json["k"] = metadata.k;
  json["predictor_type"] = name_of(metadata.predictor);
  Json& reduction = json["dimension_reduction"] = nullptr;
  if (metadata.reduction) {
    reduction = Json::object();
    reduction["type"] = name_of(metadata.reduction->type);
    reduction["seed"] = metadata.reduction->seed;
    reduction["target_dim"] = metadata.reduction->target_dim;
    reduction["input_dim"] = metadata.reduction->input_dim;
  }
  json["normalize"] = metadata.normalize;
  json["feature_dim"] = metadata.features;
  json["version"] = "1.0";
  return to_text(json);
}

Metadata parse_metadata(std::string_view text) {
  const Json json = parse_json(text, kMetadataFile);
  Metadata metadata;
  metadata.k = count_of(json, "k", 1);
  metadata.predictor =
      kind_of(json, "predictor_type", PredictorType::Classifier, PredictorType::Regressor);
  if (const auto found = json.find("dimension_reduction");
      found != json.end() && !found->is_null()) {
    metadata.reduction =
        Reduction{.type = kind_of(*found, "type", ReductionType::Sign, ReductionType::Fjlt),
                  .seed = static_cast<std::uint64_t>(count_of(*found, "seed", 0)),
                  .target_dim = count_of(*found, "target_dim", 1),
                  .input_dim = count_of(*found, "input_dim", 1)};
  }
  if (const auto found = json.find("normalize"); found != json.end()) {
    if (!found->is_boolean()) {
      refuse(kMetadataFile, "normalize", to_text(*found), "true or false",
             "Leave this member as training wrote it.");
    }
    metadata.normalize = found->get<bool>();
  }
  if (json.contains("feature_dim")) metadata.features = count_of(json, "feature_dim", 0);
  return metadata;
}

std::string format_labels(std::span<const float> labels) {
  std::string bytes(labels.size_bytes(), '\0');
  std::memcpy(bytes.data(), labels.data(), bytes.size());
  return bytes;
}

std::vector<float> parse_labels(std::string_view bytes, std::int64_t rows) {
  if (bytes.size() != static_cast<std::size_t>(rows) * sizeof(float)) {
    refuse(kLabelsFile, {}, std::to_string(bytes.size()) + " bytes",
           std::to_string(rows * 4) + ", a float32 for each row of " + std::string(kIndexFile),
           "Use the files of one and the same job.");
  }
  std::vector<float> labels(static_cast<std::size_t>(rows));
  if (rows > 0) std::memcpy(labels.data(), bytes.data(), bytes.size());
  return labels;
}

}  // namespace millrace::knn
