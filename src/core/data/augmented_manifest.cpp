#include "core/data/augmented_manifest.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::string_view kReferenceSuffix = "-ref";
constexpr std::string_view kMetadataSuffix = "-metadata";

[[noreturn]] void refuse(std::string_view place, std::string_view member, std::string given,
                         std::string expected, std::string fix = {}) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(place) + ": member '" + std::string(member) + "'",
                      .given = std::move(given),
                      .expected = std::move(expected),
                      .fix = std::move(fix)});
}

/// Skips a string that begins at `at`, of JSON known to be valid; returns what is behind it.
std::size_t skip_string(std::string_view json, std::size_t at) {
  for (++at; json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

std::size_t skip_blanks(std::string_view json, std::size_t at) {
  return std::min(json.find_first_not_of(" \t\r\n", at), json.size());
}

/// Skips a value of an object; returns where its text ends.
std::size_t skip_value(std::string_view json, std::size_t at) {
  int depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = skip_string(json, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth-- == 0) break;
    if (c == ',' && depth == 0) break;
    ++at;
  }
  return at;
}

/// The text of a member of `object`, a valid JSON object, as it stands: a number must reach its
/// reader with the digits that its writer chose. The last of several members of one name.
std::string_view raw_member(std::string_view object, const std::string& name) {
  std::string_view found;
  std::size_t at = skip_blanks(object, 0) + 1;
  while ((at = skip_blanks(object, at)) < object.size() && object[at] == '"') {
    const std::size_t name_end = skip_string(object, at);
    const std::string_view quoted = object.substr(at, name_end - at);
    const std::size_t begin = skip_blanks(object, skip_blanks(object, name_end) + 1);
    const std::size_t end = skip_value(object, begin);
    const bool plain = quoted.find('\\') == std::string_view::npos;
    const bool same = plain ? quoted.substr(1, quoted.size() - 2) == name
                            : Json::parse(quoted).get<std::string>() == name;
    if (same) found = trim(object.substr(begin, end - begin));
    at = end + 1;
  }
  return found;
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

AugmentedManifestReader::AugmentedManifestReader(ByteSource& source, std::string origin,
                                                 std::vector<std::string> attributes)
    : lines_(source, std::move(origin), kMaxManifestLineBytes),
      attributes_(std::move(attributes)) {}

ManifestValue AugmentedManifestReader::value_of(const std::string& attribute,
                                                std::string_view line) const {
  const auto found = object_.find(attribute);
  if (found == object_.end() || found->is_null()) {
    std::vector<std::string> members;
    for (const auto& [name, value] : object_.items()) members.push_back(name);
    const auto meant = nearest(attribute, members);
    refuse(lines_.place(), attribute, {}, "a value, since it is one of the AttributeNames",
           meant ? "Did you mean '" + *meant + "'?" : "Add it to the line or leave it out there.");
  }
  ManifestValue value{.text = {}, .reference = attribute.ends_with(kReferenceSuffix)};
  value.text =
      found->is_string() ? found->get<std::string>() : std::string(raw_member(line, attribute));
  if (value.reference && (!found->is_string() || !value.text.starts_with("s3://"))) {
    refuse(lines_.place(), attribute, value.text, "an S3 URI, since its name ends in '-ref'",
           "Give s3://bucket/key.");
  }
  return value;
}

const std::vector<ManifestValue>* AugmentedManifestReader::next() {
  const std::string_view* line = lines_.next();
  while (line != nullptr && trim(*line).empty()) line = lines_.next();
  if (line == nullptr) return nullptr;
  object_ = parse_json(*line, lines_.place(), {.max_bytes = kMaxManifestLineBytes});
  if (!object_.is_object())
    lines_.refuse(line->data(), std::string(*line), "a JSON object",
                  "An augmented manifest has one object a line.");
  values_.clear();
  for (const std::string& attribute : attributes_) values_.push_back(value_of(attribute, *line));
  return &values_;
}

std::vector<std::int64_t> parse_class_labels(std::string_view text, ClassListForm form,
                                             std::int64_t num_classes, std::string_view place) {
  const auto refuse_label = [&](std::string expected) {
    throw Error(Blame::Customer, Problem{.where = std::string(place),
                                         .given = std::string(text),
                                         .expected = std::move(expected),
                                         .fix = {}});
  };
  Json label = parse_json(text, place);
  if (label.is_string()) label = parse_json(label.get<std::string>(), place);
  const auto class_id = [&](const Json& item) {
    const bool fits = item.is_number_unsigned() &&
                      item.get<std::uint64_t>() < static_cast<std::uint64_t>(num_classes);
    if (!fits) refuse_label("class ids from 0 to " + std::to_string(num_classes - 1));
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
  if (static_cast<std::int64_t>(label.size()) != num_classes)
    refuse_label("a list of " + std::to_string(num_classes) + " zeros and ones");
  for (std::size_t i = 0; i < label.size(); ++i) {
    const bool bit = label[i].is_number_unsigned() && label[i].get<std::uint64_t>() <= 1;
    if (!bit) refuse_label("zeros and ones, one for each class");
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
