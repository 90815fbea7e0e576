#include "core/data/manifest_labels.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace {
namespace {

constexpr std::string_view kMetadataSuffix = "-metadata";

[[noreturn]] void refuse(std::string_view place, std::string_view member, std::string given,
                         std::string expected) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(place) + ": member '" + std::string(member) + "'",
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = "Write the manifest as Ground Truth does."});
}

std::string optional_string(const Json& object, const char* member, std::string_view place) {
  const auto found = object.find(member);
  if (found == object.end()) return {};
  if (!found->is_string()) refuse(place, member, to_text(*found), "a string");
  return found->get<std::string>();
}

std::optional<std::int64_t> class_id_of(const std::string& text) {
  const std::optional<std::int64_t> id = parse_int(text);
  return id && *id >= 0 ? id : std::nullopt;
}

/// Calls use(class id, value) for each member of an object whose names are class ids.
template <class Use>
void each_class(const Json& object, const char* member, std::string_view place, Use use) {
  const auto found = object.find(member);
  if (found == object.end()) return;
  if (!found->is_object())
    refuse(place, member, to_text(*found), "an object whose names are class ids");
  for (const auto& [name, value] : found->items()) {
    const std::optional<std::int64_t> id = class_id_of(name);
    if (!id) refuse(place, member, name, "a class id: a whole number of at least 0");
    use(*id, value);
  }
}

}  // namespace

std::vector<std::int64_t> parse_class_labels(std::string_view text, ClassListForm form,
                                             std::int64_t num_classes, std::string_view place) {
  const auto refuse_label = [&](std::string expected, std::string fix = {}) {
    throw Error(Blame::Customer, Problem{.where = std::string(place),
                                         .given = std::string(text),
                                         .expected = std::move(expected),
                                         .fix = std::move(fix)});
  };
  Json label = parse_json(text, place);
  if (label.is_string()) label = parse_json(label.get<std::string>(), place);
  const auto class_id = [&](const Json& item) {
    const bool fits = item.is_number_unsigned() &&
                      item.get<std::uint64_t>() < static_cast<std::uint64_t>(num_classes);
    if (!fits) {
      refuse_label("class ids from 0 to " + std::to_string(num_classes - 1),
                   "Raise the number of classes, or number them from 0.");
    }
    return item.get<std::int64_t>();
  };
  if (!label.is_array()) return {class_id(label)};
  std::vector<std::int64_t> classes;
  if (form == ClassListForm::ClassId) {
    for (const Json& item : label) classes.push_back(class_id(item));
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    return classes;
  }
  const char* const how =
      "Write a 0 or a 1 for each class; where labels list the classes, add label-format=class-id "
      "to "
      "the ContentType.";
  if (static_cast<std::int64_t>(label.size()) != num_classes)
    refuse_label("a list of " + std::to_string(num_classes) + " zeros and ones", how);
  for (std::size_t i = 0; i < label.size(); ++i) {
    const bool bit = label[i].is_number_unsigned() && label[i].get<std::uint64_t>() <= 1;
    if (!bit) refuse_label("zeros and ones, one for each class", how);
    if (label[i].get<std::uint64_t>() == 1) classes.push_back(static_cast<std::int64_t>(i));
  }
  return classes;
}

std::optional<LabelMetadata> parse_label_metadata(const Json& object, std::string_view label,
                                                  std::string_view place) {
  const std::string member = std::string(label) + std::string(kMetadataSuffix);
  const auto found = object.find(member);
  if (found == object.end()) return std::nullopt;
  if (!found->is_object()) refuse(place, member, to_text(*found), "an object");
  const std::string inside = std::string(place) + ", '" + member + "'";
  LabelMetadata metadata;
  metadata.type = optional_string(*found, "type", inside);
  metadata.job_name = optional_string(*found, "job-name", inside);
  metadata.creation_date = optional_string(*found, "creation-date", inside);
  metadata.class_name = optional_string(*found, "class-name", inside);
  if (const std::string human = optional_string(*found, "human-annotated", inside);
      !human.empty()) {
    if (human != "yes" && human != "no") refuse(inside, "human-annotated", human, "'yes' or 'no'");
    metadata.human_annotated = human == "yes";
  }
  if (const auto confidence = found->find("confidence"); confidence != found->end()) {
    if (!confidence->is_number()) refuse(inside, "confidence", to_text(*confidence), "a number");
    metadata.confidence = confidence->get<double>();
  }
  each_class(*found, "class-map", inside, [&](std::int64_t id, const Json& name) {
    if (!name.is_string()) refuse(inside, "class-map", to_text(name), "names of classes");
    metadata.class_map.emplace_back(id, name.get<std::string>());
  });
  each_class(*found, "confidence-map", inside, [&](std::int64_t id, const Json& value) {
    if (!value.is_number()) refuse(inside, "confidence-map", to_text(value), "numbers");
    metadata.confidence_map.emplace_back(id, value.get<double>());
  });
  return metadata;
}

}  // namespace millrace
